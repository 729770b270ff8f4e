"""Decoding in a child: the same sound, and a recording that kills FFmpeg kills nobody else."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from stenograf.audio.decode import decode
from stenograf.audio.spool import SpooledWaveform
from stenograf.core.errors import (
    AudioError,
    AudioTooLongError,
    CancelledError,
    DecoderDiedError,
    EngineOutOfMemoryError,
    TooManyChannelsError,
)
from stenograf.isolation import IsolatedDecoder, Limits, Recipe
from stenograf.testing.bad_engines import BadDecoder
from stenograf.testing.bad_inputs import BAD_INPUTS
from stenograf.testing.kills import Traces
from stenograf.testing.media import FORMATS, MediaFormat, tone, write_media

WAV = MediaFormat("wav", "wav", "pcm_s16le")
STEREO = MediaFormat("wav", "wav", "pcm_s16le", 44_100, 2)
N_DAMAGES = 200


@pytest.fixture(scope="module")
def decoder() -> Iterator[IsolatedDecoder]:
    """One for all tests: it survives every one of them."""
    made = IsolatedDecoder()
    made.load()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_leaks(
    decoder: IsolatedDecoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Whatever a test does, no process, descriptor, thread or file stays behind."""
    pid = decoder.pid
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = Traces.now()
    yield
    assert not Traces.settled(before).exceeds(before)
    assert decoder.pid == pid


def assert_same(decoder: IsolatedDecoder, path: Path, *, split_channels: bool = False) -> None:
    with (
        decode(path, split_channels=split_channels) as here,
        decoder.decode(path, split_channels=split_channels) as there,
    ):
        assert (there.recording, there.notices) == (here.recording, here.notices)
        assert len(there.channels) == len(here.channels)
        for one, other in zip(
            (here.audio, *here.channels), (there.audio, *there.channels), strict=True
        ):
            assert isinstance(other, SpooledWaveform)
            assert np.array_equal(one[0 : len(one)], other[0 : len(other)])


def test_the_sound_is_the_same_as_decoded_here(decoder: IsolatedDecoder, tmp_path: Path) -> None:
    """Mix, channels, notices and what is told of the recording; one child for all of them."""
    mono = write_media(tmp_path / "mono.wav", tone(1.0), WAV)
    stereo = write_media(tmp_path / "stereo.wav", tone(1.0, rate_hz=44_100), STEREO)
    cut = tmp_path / "cut.wav"
    cut.write_bytes(stereo.read_bytes()[:50_000])
    for path in (mono, stereo, cut):
        for split_channels in (False, True):
            assert_same(decoder, path, split_channels=split_channels)
    with decoder.decode(BytesIO(mono.read_bytes()), name="upload") as found:
        assert (found.recording.name, found.recording.duration) == ("upload", 1.0)


@pytest.mark.e2e
@pytest.mark.parametrize("format", FORMATS, ids=lambda each: f"{each.suffix}-{each.codec}")
def test_every_format_is_the_same_there(
    decoder: IsolatedDecoder, format: MediaFormat, tmp_path: Path
) -> None:
    """Also where a container's parts are read out of order."""
    sound = tone(1.0, rate_hz=format.rate_hz)
    path = write_media(tmp_path / f"sound.{format.suffix}", sound, format)
    assert_same(decoder, path)


def test_wishes_and_refusals_cross(decoder: IsolatedDecoder, tmp_path: Path) -> None:
    """A limit is held over there, its error is the same here, and the child stays."""
    path = write_media(tmp_path / "call.wav", tone(2.0), WAV)
    with pytest.raises(AudioTooLongError):
        decoder.decode(path, max_duration_s=1.9)
    with pytest.raises(TooManyChannelsError):
        decoder.decode(path, max_channels=0)
    with pytest.raises(AudioError):
        decoder.decode(tmp_path)
    seen: list[float] = []
    decoder.decode(path, max_duration_s=2.0, on_progress=seen.append).close()
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    "fault",
    ["segfault", *(pytest.param(each, marks=pytest.mark.e2e) for each in ("abort", "kill"))],
)
def test_a_crash_is_an_error_of_the_recording_and_the_next_one_is_decoded(
    fault: str, tmp_path: Path
) -> None:
    """The error tells the signal and the last words; a new child takes over."""
    path = write_media(tmp_path / "call.wav", tone(1.0), WAV)
    decoder = IsolatedDecoder(Recipe.of(BadDecoder, fault, until=tmp_path / "failed once"))
    with pytest.raises(DecoderDiedError, match=r"call\.wav .*SIG") as caught:
        decoder.decode(path)
    assert caught.value.advice
    assert "output" in caught.value.details
    with decoder.decode(path) as found:
        assert found.recording.duration == 1.0
    decoder.close()


@pytest.mark.e2e
def test_lack_of_memory_is_told_as_such(tmp_path: Path) -> None:
    """Not as a fault of the recording."""
    path = write_media(tmp_path / "call.wav", tone(1.0), WAV)
    decoder = IsolatedDecoder(Recipe.of(BadDecoder, "no memory"))
    with pytest.raises(EngineOutOfMemoryError):
        decoder.decode(path)
    decoder.close()


@pytest.mark.e2e
def test_a_decoder_without_a_sign_of_life_is_stopped(tmp_path: Path) -> None:
    """Native code that never returns costs the limit and no more."""
    path = write_media(tmp_path / "call.wav", tone(1.0), WAV)
    decoder = IsolatedDecoder(Recipe.of(BadDecoder, "hold"), Limits(hang_s=1.0))
    with pytest.raises(DecoderDiedError, match="sign of life"):
        decoder.decode(path)
    decoder.close()


def test_who_cancels_is_not_kept_waiting(decoder: IsolatedDecoder, tmp_path: Path) -> None:
    """Before, during and as the sound arrives: nothing of it is left open."""
    path = write_media(tmp_path / "call.wav", tone(60.0), WAV)
    for limit in (0.0, 0.3, 1.0):

        def stop(fraction: float, limit: float = limit) -> None:
            if fraction >= limit:
                raise CancelledError("Stopped.")

        with pytest.raises(CancelledError):
            decoder.decode(path, on_progress=stop)
    decoder.decode(path).close()


@pytest.mark.e2e
def test_bad_inputs_get_their_documented_answers(decoder: IsolatedDecoder, tmp_path: Path) -> None:
    """The answers of the audio room, all from one child."""
    wrong = [
        bad.name
        for bad in BAD_INPUTS
        if (bad.notice or bad.code) not in answers(decoder, bad.write(tmp_path))
    ]
    assert wrong == []


@pytest.mark.e2e
def test_damaged_files_are_sound_or_one_of_our_errors(
    decoder: IsolatedDecoder, tmp_path: Path
) -> None:
    """Cut short or with bytes of noise, in every format; whatever FFmpeg makes of them."""
    chance = random.Random(0)
    whole = [
        write_media(tmp_path / f"{n}.{each.suffix}", tone(1.0, rate_hz=each.rate_hz), each)
        for n, each in enumerate(FORMATS)
    ]
    seen: set[str] = set()
    for _ in range(N_DAMAGES):
        damaged = tmp_path / "damaged"
        damaged.write_bytes(damage(chance.choice(whole).read_bytes(), chance))
        seen |= answers(decoder, damaged)
    assert len(seen) > 2
    assert "audio.decoder_died" not in seen


def answers(decoder: IsolatedDecoder, path: Path) -> set[str]:
    """Codes of the error or the notices."""
    try:
        with decoder.decode(path) as decoded:
            return {notice.code for notice in decoded.notices}
    except AudioError as error:
        return {error.code}


def damage(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return content[: chance.randrange(1, len(content))]
    damaged = bytearray(content)
    for _ in range(chance.randrange(1, 100)):
        damaged[int(len(content) * chance.random() ** 3)] = chance.randrange(256)
    return bytes(damaged)
