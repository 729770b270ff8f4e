"""Channels are kept apart when asked for, and told from copies of each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.audio.channels import are_identical
from stenograf.audio.decode import decode
from stenograf.core.waveform import Samples
from stenograf.testing.bad_inputs import wav_bytes
from stenograf.testing.media import MediaFormat, tone, write_media

STEREO = MediaFormat("wav", "wav", "pcm_s16le", 16_000, 2)
SURROUND = MediaFormat("flac", "flac", "flac", 48_000, 6)


def two_voices(rate_hz: int = 16_000) -> Samples:
    left, right = tone(1.0, 300.0, rate_hz=rate_hz), tone(1.0, 900.0, rate_hz=rate_hz)
    return np.stack([left, right], axis=1)


def test_channels_come_back_apart(tmp_path: Path) -> None:
    """Each channel of a call holds its own voice, and the mix is their mean."""
    path = write_media(tmp_path / "call.wav", two_voices(), STEREO)
    with decode(path, split_channels=True) as decoded:
        assert len(decoded.channels) == decoded.recording.n_channels == 2
        for channel, original in zip(decoded.channels, two_voices().T, strict=True):
            np.testing.assert_allclose(channel[:], original, atol=1e-4)
        mean = (decoded.channels[0][:] + decoded.channels[1][:]) / 2
        np.testing.assert_allclose(decoded.audio[:], mean, atol=1e-6)
        assert not are_identical(decoded.channels)


def test_channels_are_resampled_alike(tmp_path: Path) -> None:
    """At another rate the mix of resampled channels is the resampled mix."""
    stereo = MediaFormat("wav", "wav", "pcm_s16le", 44_100, 2)
    path = write_media(tmp_path / "call.wav", two_voices(44_100), stereo)
    with decode(path) as mixed, decode(path, split_channels=True) as split:
        assert mixed.channels == ()
        np.testing.assert_allclose(mixed.audio[:], split.audio[:], atol=1e-5)


def test_mono_split_is_its_own_channel(tmp_path: Path) -> None:
    """A mono recording asked for its channels has one."""
    path = write_media(tmp_path / "a.wav", tone(0.5), MediaFormat("wav", "wav", "pcm_s16le"))
    with decode(path, split_channels=True) as decoded:
        assert len(decoded.channels) == 1
        np.testing.assert_array_equal(decoded.channels[0][:], decoded.audio[:])


@pytest.mark.parametrize("codec", ["pcm_s16le", "libmp3lame"])
def test_mono_stored_as_stereo_is_recognized(codec: str, tmp_path: Path) -> None:
    """Two copies of a voice are identical, after lossy coding too."""
    dual = MediaFormat("mkv", "matroska", codec, 48_000, 2)
    path = write_media(tmp_path / "a.mkv", tone(1.0, rate_hz=48_000), dual)
    with decode(path, split_channels=True) as decoded:
        assert are_identical(decoded.channels)


def test_one_silent_side_is_not_mono() -> None:
    """A call where one side never speaks still has two channels; two silences are one."""
    silence = np.zeros(100, dtype=np.float32)
    assert not are_identical([tone(0.1), np.zeros_like(tone(0.1))])
    assert are_identical([silence, silence.copy()])
    assert are_identical([tone(0.1), tone(0.1) * 0.5])


def test_surround_mix_keeps_the_centre_and_drops_the_bass_channel(tmp_path: Path) -> None:
    """Speech in the centre of a film is louder in the mix than the sides; LFE is left out."""
    voice = tone(1.0, rate_hz=48_000)
    levels = []
    for index in range(6):
        sound = np.zeros((len(voice), 6), dtype=np.float32)
        sound[:, index] = voice
        path = write_media(tmp_path / f"{index}.flac", sound, SURROUND)
        with decode(path) as decoded:
            levels.append(float(np.abs(decoded.audio[:]).max()))
    left, right, centre, bass, *backs = levels
    assert centre > left == pytest.approx(right, rel=0.01)
    assert left > backs[0] == pytest.approx(backs[1], rel=0.01)
    assert bass == 0.0


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    """A float WAV may hold NaN, infinity and peaks; an engine sees numbers in [-1, 1]."""
    values = np.asarray([np.nan, np.inf, -np.inf, 3.0, -1e30, 0.25] * 100, dtype="<f4")
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(bits=32, tag=3, block_align=4, data=values.tobytes()))
    with decode(path) as decoded:
        assert decoded.audio[0:6].tolist() == [0.0, 1.0, -1.0, 1.0, -1.0, 0.25]
