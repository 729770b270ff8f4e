"""The GE2E conversion agrees with the encoder as others exported it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load_file

from stenograf.core.errors import ModelInvalidError
from stenograf.models.convert import convert_ge2e


def run(model: Path, mels: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    (embedding,) = session.run(["embedding"], {"mels": mels})
    return np.asarray(embedding)


@pytest.mark.parametrize(("batch", "frames"), [(1, 160), (3, 57)])
def test_embeddings_agree_with_the_reference_export(
    assets: Path, tmp_path: Path, batch: int, frames: int
) -> None:
    """Both files give the same unit vectors for any batch and length."""
    models = assets / "models" / "ge2e"
    target = tmp_path / "ge2e.onnx"
    convert_ge2e(load_file(models / "ge2e.safetensors"), target)
    mels = np.random.default_rng(0).gamma(0.5, 0.02, (batch, frames, 40)).astype(np.float32)
    ours = run(target, mels)
    assert ours.shape == (batch, 256)
    assert np.abs(ours - run(models / "ge2e.onnx", mels)).max() < 1e-4
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_weights_of_another_model_are_named(tmp_path: Path) -> None:
    """The first weight that is missing or misshapen is in the message, and nothing is written."""
    with pytest.raises(ModelInvalidError, match=r"no lstm\.weight_ih_l0"):
        convert_ge2e({"linear.weight": np.zeros((2, 2), np.float32)}, tmp_path / "x.onnx")
    with pytest.raises(ModelInvalidError, match=r"shape \(2, 2\), not \(1024, 40\)"):
        convert_ge2e({"lstm.weight_ih_l0": np.zeros((2, 2), np.float32)}, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []
