"""The speaker encoder behind its windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.core.span import Span
from stenograf.engines.diarization.ge2e import Ge2eEncoder
from stenograf.engines.diarization.windows import place_windows, stretches
from stenograf.testing.sound import read_speech


@pytest.fixture(scope="module")
def weights(assets: Path) -> Path:
    return assets / "models/ge2e/ge2e.onnx"


def embed(weights: Path, audio: np.ndarray, *speech: Span) -> np.ndarray:
    parts = stretches(speech, len(audio) / 16_000)
    windows, _ = place_windows(parts, 1)
    return np.concatenate(list(Ge2eEncoder(weights, n_threads=1).embed(audio, parts, windows)))


def test_one_voice_is_nearer_to_itself_than_to_another(assets: Path, weights: Path) -> None:
    """The features fit the weights: same and other speakers part clearly."""
    clips = sorted((assets / "audio/speakers/train-clean").glob("*.flac"))[:2]
    first, second = (embed(weights, read_speech(clip), Span(0.5, 8.0)) for clip in clips)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1.0, atol=1e-5)
    assert (first @ first.T).mean() > (first @ second.T).mean() + 0.2


def test_level_does_not_change_the_voice(assets: Path, weights: Path) -> None:
    """A whisper-quiet recording sounds like the same person."""
    speech = read_speech(assets / "audio/asr/jfk.flac")
    loud, quiet = (embed(weights, speech * level, Span(0.5, 6.0)) for level in (1.0, 1e-3))
    np.testing.assert_allclose(loud, quiet, atol=1e-3)


def test_batches_leave_no_trace(
    assets: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Embeddings do not depend on where the recording was sliced."""
    speech = read_speech(assets / "audio/asr/jfk.flac")
    spans = Span(0.3, 2.2), Span(3.3, 10.9)
    whole = embed(weights, speech, *spans)
    monkeypatch.setattr("stenograf.engines.diarization.ge2e.BATCH_WINDOWS", 3)
    np.testing.assert_allclose(embed(weights, speech, *spans), whole, atol=1e-4)


def test_missing_and_wrong_weights_are_named(assets: Path, tmp_path: Path) -> None:
    """No runtime exception leaves the adapter."""
    with pytest.raises(ModelMissingError, match=r"nothing\.onnx"):
        Ge2eEncoder(tmp_path / "nothing.onnx")
    (tmp_path / "text.onnx").write_bytes(b"not an onnx file")
    with pytest.raises(ModelInvalidError, match="not an ONNX model"):
        Ge2eEncoder(tmp_path / "text.onnx")
    with pytest.raises(ModelInvalidError, match="not the GE2E"):
        Ge2eEncoder(assets / "models/segmentation-3.0/model.onnx")
