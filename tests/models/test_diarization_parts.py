"""Segmentation and embedding checkpoints convert to ONNX that agrees with pyannote.audio."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import soundfile
from safetensors.numpy import load_file

from stenograf.core.errors import ModelInvalidError
from stenograf.models.checkpoint import read_weights
from stenograf.models.convert import convert_segmentation, convert_wespeaker
from stenograf.models.convert.segmentation import sinc_filters
from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.resnet import random_resnet34

TEN_SECONDS = 160_000


def run(model: Path, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {session.get_inputs()[0].name: x})
    return np.asarray(y)


def windows(assets: Path, n: int) -> np.ndarray:
    sample = assets / "audio" / "diarization" / "pyannote-sample" / "sample.wav"
    audio, _ = soundfile.read(sample, dtype="float32", frames=n * TEN_SECONDS)
    return np.asarray(audio).reshape(n, 1, TEN_SECONDS)


@pytest.fixture(scope="module")
def converted(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assets' weights as a checkpoint of the hub would hold them, converted."""
    folder = tmp_path_factory.mktemp("segmentation")
    weights = load_file(assets / "models" / "segmentation-3.0" / "state_dict.safetensors")
    checkpoint = write_checkpoint(folder / "pytorch_model.bin", {"state_dict": weights})
    convert_segmentation(checkpoint, folder / "model.onnx")
    return folder / "model.onnx"


def test_segmentation_agrees_with_the_published_export(converted: Path, assets: Path) -> None:
    """On real speech both files give the same log-probabilities and decisions."""
    x = windows(assets, 2)
    ours = run(converted, x)
    theirs = run(assets / "models" / "segmentation-3.0" / "model.onnx", x)
    assert ours.shape == (2, 589, 7)
    assert np.abs(ours - theirs).max() < 1e-4
    assert np.array_equal(ours.argmax(-1), theirs.argmax(-1))
    assert len(np.unique(ours.argmax(-1))) >= 3


def test_segmentation_takes_any_length(converted: Path, assets: Path) -> None:
    """Windows need not last ten seconds."""
    assert run(converted, windows(assets, 1)[:, :, :16_000]).shape == (1, 56, 7)


def test_filters_are_symmetric_band_passes() -> None:
    """Even filters mirror, odd ones mirror with the sign turned, and the band passes."""
    time = 2 * np.pi * np.arange(-125, 0, dtype="f4")[None] / np.float32(16_000)
    edges = {"low_hz_": np.array([[100]], "f4"), "band_hz_": np.array([[400]], "f4")}
    window = np.hamming(251)[:125].astype("f4")
    filters = sinc_filters({**edges, "n_": time.astype("f4"), "window_": window})
    even, odd = filters[0, 0], filters[1, 0]
    assert np.allclose(even, even[::-1])
    assert np.allclose(odd, -odd[::-1])
    assert (even[125], odd[125]) == (1.0, 0.0)
    response = np.abs(np.fft.rfft(even, 16_000))  # one bin per hertz
    assert response[350] > 20 * response[2000]


def test_trunk_and_head_have_the_documented_shapes(tmp_path: Path) -> None:
    """Frames shrink eightfold, rounding up, and the head takes means and deviations."""
    convert_wespeaker(
        random_resnet34(np.random.default_rng(0)), tmp_path / "trunk.onnx", tmp_path / "head.npz"
    )
    rng = np.random.default_rng(1)
    for frames in (8, 41):
        features = run(tmp_path / "trunk.onnx", rng.normal(0, 1, (2, frames, 80)).astype("f4"))
        assert features.shape == (2, 2560, -(-frames // 8))
    head = np.load(tmp_path / "head.npz")
    assert (head["weight"].shape, head["bias"].shape) == ((256, 5120), (256,))
    assert head["weight"].dtype == np.float32


def test_other_models_are_refused(tmp_path: Path) -> None:
    """The message names the model that was expected, and no file appears."""
    weights = {"classifier.weight": np.zeros((3, 128), "f4")}
    with pytest.raises(ModelInvalidError, match=r"no pyannote segmentation-3\.0 checkpoint"):
        convert_segmentation(weights, tmp_path / "a")
    with pytest.raises(ModelInvalidError, match="no WeSpeaker ResNet34 checkpoint"):
        convert_wespeaker(weights, tmp_path / "a", tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def save_as_hub(model: Any, path: Path) -> Path:
    """What pyannote.audio's own training would leave on the hub."""
    import lightning
    import torch

    checkpoint = {
        "state_dict": model.state_dict(),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": lightning.__version__,
        "epoch": 0,
        "global_step": 0,
    }
    model.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, path)
    return path


@pytest.fixture
def pyannote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PYANNOTE_METRICS_ENABLED", "0")


@pytest.mark.e2e
@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
def test_random_segmentation_agrees_with_torch(
    pyannote: None, assets: Path, tmp_path: Path
) -> None:
    """A checkpoint written by pyannote.audio gives torch's outputs."""
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.segmentation import PyanNet

    torch.manual_seed(0)
    model: Any = PyanNet(lstm={"num_layers": 4})
    model.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        classes=["speaker#1", "speaker#2", "speaker#3"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    model.build()
    with torch.no_grad():  # wider weights, so that the classes differ
        for name, parameter in model.named_parameters():
            parameter.mul_({"lstm": 2, "linear": 3, "classifier": 3}.get(name.split(".")[0], 1))
    model.eval()
    convert_segmentation(save_as_hub(model, tmp_path / "pytorch_model.bin"), tmp_path / "m.onnx")
    x = windows(assets, 3)
    with torch.no_grad():
        expected = model(torch.from_numpy(x)).numpy()
    ours = run(tmp_path / "m.onnx", x)
    assert np.ptp(expected, axis=-1).mean() > 0.5
    assert len(np.unique(expected.argmax(-1))) >= 3
    assert np.abs(ours - expected).max() < 1e-4


@pytest.mark.e2e
@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
def test_random_resnet_agrees_with_torch(pyannote: None, assets: Path, tmp_path: Path) -> None:
    """Trunk, weighted pooling in numpy and head give the embeddings of pyannote.audio."""
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import WeSpeakerResNet34

    model = WeSpeakerResNet34()
    model.specifications = Specifications(
        problem=Problem.REPRESENTATION,
        resolution=Resolution.CHUNK,
        duration=5.0,
        classes=["a", "b"],
    )
    weights = random_resnet34(np.random.default_rng(0)).items()
    state = {name: torch.from_numpy(array) for name, array in weights}
    model.load_state_dict(state, strict=False)
    model.eval()
    path = save_as_hub(model, tmp_path / "pytorch_model.bin")
    convert_wespeaker(path, tmp_path / "trunk.onnx", tmp_path / "head.npz")
    x = torch.from_numpy(windows(assets, 2))
    mask = (np.random.default_rng(2).random((2, 125)) > 0.3).astype("f4")
    with torch.no_grad():
        fbank = model.compute_fbank(x)
        expected = model(x, weights=torch.from_numpy(mask)).numpy()
    features = run(tmp_path / "trunk.onnx", fbank.numpy())
    head = np.load(tmp_path / "head.npz")
    ours = pool(features, mask) @ head["weight"].T + head["bias"]
    assert expected.std() > 0.1
    assert np.abs(ours - expected).max() < 1e-4


def pool(features: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Weighted mean and unbiased deviation over frames, (batch, 5120)."""
    weights = mask[:, None]
    total = weights.sum(-1) + 1e-8
    mean = (features * weights).sum(-1) / total
    spread = (weights * (features - mean[..., None]) ** 2).sum(-1)
    deviation = np.sqrt(spread / (total - (weights**2).sum(-1) / total + 1e-8))
    return np.concatenate([mean, deviation], axis=1)


@pytest.mark.e2e
@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
def test_checkpoints_of_pyannote_are_read_whole(pyannote: None, tmp_path: Path) -> None:
    """Every tensor of a Lightning checkpoint arrives as torch stored it."""
    from pyannote.audio.models.embedding import WeSpeakerResNet34

    model = WeSpeakerResNet34()
    weights = read_weights(save_as_hub_without_task(model, tmp_path / "x.bin"), "state_dict")
    state = model.state_dict()
    assert set(weights) == set(state)
    assert all(np.array_equal(weights[name], value.numpy()) for name, value in state.items())


def save_as_hub_without_task(model: Any, path: Path) -> Path:
    import torch

    torch.save({"state_dict": model.state_dict(), "hyper_parameters": dict(model.hparams)}, path)
    return path
