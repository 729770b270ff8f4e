"""GE2E voices of local speakers, on real weights and two LibriSpeech speakers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.testing.meetings import read_voices


@pytest.fixture(scope="module")
def embedder(assets: Path) -> MaskedGe2eEmbedder:
    return MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=1)


@pytest.fixture(scope="module")
def two_voices(assets: Path) -> NDArray[np.float32]:
    """Two windows: in each, five seconds of one speaker, then five of another."""
    voices = list(read_voices(assets / "audio/speakers/test-other").values())[:2]
    n = 5 * 16_000
    clips = [np.resize(voice[clip], n) for clip in (0, 1) for voice in voices]
    return np.concatenate(clips)


def halves() -> NDArray[np.bool_]:
    """Local speaker 0 in the first half of each window, 2 in the second, 1 never."""
    activity = np.zeros((2, 589, 3), dtype=np.bool_)
    activity[:, :294, 0] = activity[:, 295:, 2] = True
    return activity


def test_masks_separate_the_speakers_of_a_window(
    embedder: MaskedGe2eEmbedder, two_voices: NDArray[np.float32]
) -> None:
    """One voice in two windows is more alike than two voices in one."""
    found = embedder.embed(two_voices, halves(), hop_samples=160_000)
    assert found.shape == (2, 3, 256)
    assert np.isnan(found[:, 1]).all()
    assert np.allclose(np.linalg.norm(found[:, [0, 2]], axis=-1), 1, atol=1e-5)
    same = min(found[0, 0] @ found[1, 0], found[0, 2] @ found[1, 2])
    other = max(found[0, 0] @ found[0, 2], found[1, 0] @ found[1, 2])
    assert same > other + 0.1


@pytest.mark.e2e
def test_loudness_does_not_matter(
    embedder: MaskedGe2eEmbedder, two_voices: NDArray[np.float32]
) -> None:
    """Each voice is brought to the level the encoder was trained on."""
    loud = embedder.embed(two_voices, halves(), hop_samples=160_000)
    quiet = embedder.embed(two_voices * np.float32(0.1), halves(), hop_samples=160_000)
    assert np.nanmax(np.abs(loud - quiet)) < 1e-3


def test_other_peoples_words_do_not_matter(assets: Path, two_voices: NDArray[np.float32]) -> None:
    """What lies outside a mask leaves no trace in its voice, the common channel aside."""
    weights = assets / "models/ge2e/ge2e.onnx"
    embedder = MaskedGe2eEmbedder(weights, n_threads=1, clean=False)
    changed = two_voices.copy()
    changed[6 * 16_000 : 10 * 16_000] = 0
    before = embedder.embed(two_voices, halves(), hop_samples=160_000)
    after = embedder.embed(changed, halves(), hop_samples=160_000)
    assert np.allclose(before[0, 0], after[0, 0], atol=1e-6)
    assert not np.allclose(before[0, 2], after[0, 2], atol=1e-3)


def test_digital_silence_has_a_voice_without_nan(embedder: MaskedGe2eEmbedder) -> None:
    """The network divides by zero there; the rest of the recording must not suffer."""
    silence = np.zeros(20 * 16_000, dtype=np.float32)
    found = embedder.embed(silence, halves(), hop_samples=160_000)
    assert np.isfinite(found[:, [0, 2]]).all()


@pytest.mark.e2e
def test_a_coloured_microphone_hardly_changes_a_voice(
    assets: Path, two_voices: NDArray[np.float32]
) -> None:
    """A tilt of 9 dB is taken out again; without that it moves the voice."""
    weights = assets / "models/ge2e/ge2e.onnx"
    tilted = two_voices - np.float32(0.5) * np.roll(two_voices, 1)
    moved = []
    for clean in (True, False):
        embedder = MaskedGe2eEmbedder(weights, n_threads=1, clean=clean)
        flat = embedder.embed(two_voices, halves(), hop_samples=160_000)[:, [0, 2]]
        other = embedder.embed(tilted, halves(), hop_samples=160_000)[:, [0, 2]]
        moved.append(float((1 - (flat * other).sum(axis=-1)).mean()))
    assert moved[0] < 0.5 * moved[1]
