"""pyannote pipeline folders with a seeded random embedding. Needs torch and pyannote.audio."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Literal

_COMMUNITY_1 = """\
dependencies: {pyannote.audio: 4.0.0}
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_batch_size: 32
    embedding: $model/embedding
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    plda: $model/plda
params:
  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}
  segmentation: {min_duration_off: 0.0}
"""
_3_1 = """\
version: 3.1.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: AgglomerativeClustering
    segmentation: pyannote/segmentation-3.0
    segmentation_batch_size: 32
    embedding: pyannote/wespeaker-voxceleb-resnet34-LM
    embedding_batch_size: 32
    embedding_exclude_overlap: true
params:
  clustering: {method: centroid, min_cluster_size: 12, threshold: 0.7045654963945799}
  segmentation: {min_duration_off: 0.0}
"""


def write_random_pipeline(
    folder: Path, models: Path, *, layout: Literal["community-1", "3.1"] = "community-1"
) -> Path:
    """A pipeline's folder: real segmentation and PLDA out of `models`, a random ResNet34.

    The layout 3.1 names hub repositories as the published one does; the same networks lie in the
    folder under `segmentation` and `embedding`.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    for name, network in (
        ("segmentation", segmentation_network(models)),
        ("embedding", embedding_network()),
    ):
        (folder / name).mkdir(parents=True)
        save_checkpoint(network, folder / name / "pytorch_model.bin")
    if layout == "community-1":
        (folder / "plda").mkdir()
        for file in ("plda.npz", "xvec_transform.npz"):
            shutil.copy(models / "community-1-plda" / file, folder / "plda" / file)
    config = _COMMUNITY_1 if layout == "community-1" else _3_1
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    return folder


def segmentation_network(models: Path) -> Any:
    """Pyannote's PyanNet with the real weights of the test assets."""
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.segmentation import PyanNet
    from safetensors.torch import load_file

    network = PyanNet(
        sincnet={"stride": 10},
        lstm={"hidden_size": 128, "num_layers": 4, "bidirectional": True, "monolithic": True},
    )
    network.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        classes=["speaker#1", "speaker#2", "speaker#3"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    build: Any = network.build
    build()
    network.load_state_dict(load_file(models / "segmentation-3.0/state_dict.safetensors"))
    return network


def embedding_network(seed: int = 0) -> Any:
    """Pyannote's WeSpeaker ResNet34, full size, with random weights."""
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import WeSpeakerResNet34

    torch.manual_seed(seed)
    network = WeSpeakerResNet34()
    network.specifications = Specifications(
        problem=Problem.REPRESENTATION,
        resolution=Resolution.CHUNK,
        duration=5.0,
        classes=["a", "b"],
    )
    return network


def save_checkpoint(network: Any, path: Path) -> Path:
    """Write a network as pyannote.audio's own training would leave it on the hub."""
    import lightning
    import torch

    checkpoint = {
        "state_dict": network.state_dict(),
        "hyper_parameters": dict(network.hparams),
        "pytorch-lightning_version": lightning.__version__,
        "epoch": 0,
        "global_step": 0,
    }
    network.on_save_checkpoint(checkpoint)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(checkpoint, path)
    return path
