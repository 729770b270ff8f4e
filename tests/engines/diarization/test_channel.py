"""The channel is measured, and taken out of spectra."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.audio.features import N_MELS
from stenograf.core.span import Span
from stenograf.core.waveform import Samples
from stenograf.engines.diarization import channel
from stenograf.engines.diarization.channel import measure_channel, mels_between, read_speech
from stenograf.engines.diarization.windows import stretches
from stenograf.testing.meetings import telephone
from stenograf.testing.sound import read_speech as read_clip

SPEECH = [Span(0.3, 2.2), Span(3.3, 10.9)]


@pytest.fixture(scope="module")
def clip(assets: Path) -> Samples:
    return read_clip(assets / "audio/asr/jfk.flac")


def spectrum(samples: Samples, *, cleaned: bool) -> np.ndarray:
    """Shares of the bands in the clip's speech, in dB."""
    mels = mels_between(samples, 330, 1090)
    if cleaned:
        mels = measure_channel(samples, stretches(SPEECH, len(samples) / 16_000)).clean(mels)
    mean = mels.mean(axis=0)
    shares: np.ndarray = 10 * np.log10(mean / mean.sum())
    return shares


def test_speech_over_a_telephone_sounds_as_read(clip: Samples) -> None:
    """The mean spectrum comes near that of read speech, up to the limit of the equalizer."""
    wanted = 10 * np.log10(read_speech() / read_speech().sum())
    before, after = (
        np.abs(spectrum(telephone(clip), cleaned=cleaned) - wanted)[2:28].mean()
        for cleaned in (False, True)
    )
    assert after < 0.5 * before


def test_steady_noise_is_subtracted(clip: Samples) -> None:
    """White noise lifts the empty bands of a telephone line; most of it goes again."""
    noise = np.random.default_rng(0).normal(0.0, 0.01, len(clip)).astype(np.float32)
    parts = stretches(SPEECH, len(clip) / 16_000)
    quiet = mels_between(clip + noise, 0, 30)
    measured = measure_channel(clip + noise, parts)
    left = measured.clean(quiet) / measured.gains
    assert left.sum() < 0.2 * quiet.sum()


def test_silence_has_no_channel() -> None:
    """Nothing is amplified where there is nothing, and a part without speech is allowed."""
    silence = np.zeros(16_000, dtype=np.float32)
    for speech in ([], [Span(0.0, 1.0)]):
        measured = measure_channel(silence, stretches(speech, 1.0))
        np.testing.assert_array_equal(measured.gains, np.ones(N_MELS))
        assert not measured.clean(mels_between(silence, 0, 100)).any()


def test_a_long_recording_is_measured_on_seconds_of_it(
    clip: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the seconds tell nearly the same, so a day needs no more than ten minutes."""
    parts = stretches(SPEECH, len(clip) / 16_000)
    whole = measure_channel(clip, parts)
    monkeypatch.setattr(channel, "LISTEN_BLOCKS", 6)
    some = measure_channel(clip, parts)
    assert np.abs(np.log10(some.gains / whole.gains)).mean() < 0.2
