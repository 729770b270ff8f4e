"""Calls with one party per channel, made from real voices, and the choice between engines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from stenograf.audio.decode import decode
from stenograf.core.errors import CancelledError, UnsupportedError
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import ChannelDiarizer
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.diarization.auto import AutoDiarizer
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.engines.diarization.channels import ChannelsDiarizer, Only
from stenograf.engines.vad.silero import SileroDetector
from stenograf.evaluate import der
from stenograf.models.bundled import silero_weights
from stenograf.testing.calls import Call, CallPlan, build_call
from stenograf.testing.fakes import FakeDetector, FakeDiarizer
from stenograf.testing.meetings import Voices, read_voices

AUTO = DiarizationOptions()
USE = ModelUse("diarize", "fake", "none", reason="the default")


@pytest.fixture(scope="module")
def voices(assets: Path) -> Voices:
    return read_voices(assets / "audio/speakers/test-other")


def call_of(voices: Voices, plan: CallPlan) -> Call:
    """A call of the first two speakers, one on each side."""
    return build_call([{name: voices[name]} for name in sorted(voices)[:2]], plan)


@pytest.fixture
def channels() -> ChannelsDiarizer:
    return ChannelsDiarizer(SileroDetector(silero_weights()), FakeDiarizer())


@pytest.fixture
def auto(channels: ChannelsDiarizer) -> AutoDiarizer:
    return AutoDiarizer(channels, FakeDiarizer(), USE)


def everywhere(samples: Samples) -> list[Span]:
    return [Span(0.0, len(samples) / SAMPLE_RATE_HZ)]


def reason(
    auto: AutoDiarizer, tracks: Sequence[Samples], options: DiarizationOptions = AUTO
) -> str:
    """What the document would say."""
    mix = Call(tuple(tracks), ()).mix
    found = auto.diarize_channels(mix, tracks, everywhere(mix), options)
    (use,) = found.models
    return f"{use.engine}: {use.reason}"


@pytest.mark.parametrize(
    "plan",
    [
        CallPlan(duration_s=30.0),
        CallPlan(duration_s=30.0, leak_db=-20.0),
        CallPlan(duration_s=30.0, leak_db=-20.0, leak_delay_s=0.15),
        CallPlan(duration_s=30.0, levels_db=(0.0, -15.0)),
        CallPlan(duration_s=30.0, leak_db=-25.0, telephone=True, noise_db=-55.0),
    ],
    ids=["clean", "leak", "echo", "uneven", "telephone"],
)
def test_each_channel_is_a_speaker(
    channels: ChannelsDiarizer, voices: Voices, plan: CallPlan
) -> None:
    """Nobody is confused with anybody, and what leaks is not counted: strict DER below 16 %."""
    call = call_of(voices, plan)
    found = channels.diarize_channels(call.mix, call.channels, everywhere(call.mix), AUTO)
    score = der(call.turns, found.turns)
    assert score.confusion_s <= 0.01 * score.total_s
    assert score.missed_s + score.false_alarm_s + score.confusion_s <= 0.16 * score.total_s


def test_which_channel_is_the_left_one_changes_nothing(
    channels: ChannelsDiarizer, auto: AutoDiarizer, voices: Voices
) -> None:
    """Turns are equal to the bit, names included: who speaks first is the first."""
    call = call_of(voices, CallPlan(duration_s=20.0, leak_db=-20.0))
    left, right = call.channels
    for engine in (channels, auto):
        found, swapped = (
            engine.diarize_channels(call.mix, tracks, everywhere(call.mix), AUTO)
            for tracks in ((left, right), (right, left))
        )
        assert found.turns
        assert swapped == found


@pytest.mark.e2e
def test_several_people_on_one_channel_are_told_apart(assets: Path, voices: Voices) -> None:
    """Three people in two channels: two of them share the left one."""
    names = ["1688", "1998", "2033"]
    left, right = {n: voices[n] for n in names[:2]}, {names[2]: voices[names[2]]}
    call = build_call([left, right], CallPlan(duration_s=60.0, seed=1, leak_db=-25.0))
    basic = BasicDiarizer(assets / "models/ge2e/ge2e.onnx", n_threads=1)
    engine = ChannelsDiarizer(SileroDetector(silero_weights()), basic)
    options = DiarizationOptions.of(speakers=3)
    found = engine.diarize_channels(call.mix, call.channels, everywhere(call.mix), options)
    assert len({turn.speaker for turn in found.turns}) == 3
    score = der(call.turns, found.turns)
    assert score.confusion_s <= 0.08 * score.total_s


def test_people_on_one_channel_need_a_model(voices: Voices) -> None:
    """Without one the number asked for cannot be met, and that is said."""
    engine = ChannelsDiarizer(SileroDetector(silero_weights()))
    call = call_of(voices, CallPlan(duration_s=20.0))
    with pytest.raises(UnsupportedError, match="2 people"):
        engine.diarize_channels(
            call.mix, call.channels, everywhere(call.mix), DiarizationOptions.of(speakers=3)
        )


def test_one_channel_is_no_call(channels: ChannelsDiarizer, auto: AutoDiarizer) -> None:
    """Who asks for channels learns that there are none; `auto` listens to voices."""
    noise = np.ones(SAMPLE_RATE_HZ, dtype=np.float32)
    assert channels.diarize(noise, [], AUTO).turns == ()
    with pytest.raises(UnsupportedError):
        channels.diarize(noise, everywhere(noise), AUTO)
    found = auto.diarize(noise, everywhere(noise), AUTO)
    assert found.turns
    assert [use.reason for use in found.models] == ["the default; one channel of sound"]


def test_the_document_says_what_was_chosen_and_why(auto: AutoDiarizer, voices: Voices) -> None:
    """A call, a room with two microphones, one voice on both sides, one silent side."""
    call = call_of(voices, CallPlan(duration_s=20.0, leak_db=-20.0))
    room = call_of(voices, CallPlan(duration_s=20.0, leak_db=-3.0))
    left, right = call.channels
    assert reason(auto, (left, right)).startswith("channels: 2 channels hold one party each, leak")
    assert "share their voices, leaking at -3 dB" in reason(auto, room.channels)
    assert "at most one channel" in reason(auto, (left, left * np.float32(0.1)))
    assert "at most one channel" in reason(auto, (left, np.zeros_like(left)))
    alone = DiarizationOptions.of(speakers=1)
    assert "more than the speakers" in reason(auto, (left, right), alone)


@pytest.mark.parametrize("path", ["diarization/stereo_diarization.wav", "asr/ru/stereo_sound.wav"])
def test_real_stereo_recordings_are_calls(auto: AutoDiarizer, assets: Path, path: str) -> None:
    """One voice per channel, as their makers say, and both are found."""
    with decode(assets / "audio" / path, split_channels=True) as decoded:
        tracks = [channel[0 : len(channel)] for channel in decoded.channels]
    assert reason(auto, tracks).startswith("channels: 2 channels hold one party each")


def test_progress_rises_to_one_and_may_cancel(auto: AutoDiarizer, voices: Voices) -> None:
    """Both ways of `auto`; CancelledError passes through."""
    call = call_of(voices, CallPlan(duration_s=12.0))
    left, right = call.channels
    for tracks in ((left, right), (left, np.zeros_like(left))):
        seen: list[float] = []
        auto.diarize_channels(call.mix, tracks, everywhere(left), AUTO, on_progress=seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 1.0

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        auto.diarize_channels(call.mix, (left, right), everywhere(left), AUTO, on_progress=cancel)


def test_the_pipeline_knows_who_wants_channels() -> None:
    """`auto` and `channels` do, an engine that listens to voices does not."""
    engine = ChannelsDiarizer(FakeDetector())
    assert isinstance(engine, ChannelDiarizer)
    assert isinstance(AutoDiarizer(engine, FakeDiarizer(), USE), ChannelDiarizer)
    assert not isinstance(FakeDiarizer(), ChannelDiarizer)


def test_a_channel_is_silent_outside_its_own_speech() -> None:
    """Any slice of the masked channel is the slice of a masked array."""
    sound = np.ones(3 * SAMPLE_RATE_HZ, dtype=np.float32)
    masked = Only(sound, [Span(0.5, 1.0), Span(2.0, 2.5)])
    expected = np.zeros_like(sound)
    expected[8_000:16_000] = expected[32_000:40_000] = 1.0
    assert len(masked) == len(sound)
    for start, stop in ((0, len(sound)), (9_000, 10_000), (15_999, 32_001), (45_000, 99_000)):
        np.testing.assert_array_equal(masked[start:stop], expected[start:stop])
