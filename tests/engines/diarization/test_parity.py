"""The `reference` mode against pyannote.audio itself, with the same weights.

Segmentation and PLDA are real, the ResNet34 has its full size and seeded random weights. Needs
torch and pyannote.audio 4; the audio is short because pyannote takes two seconds per second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf.core.options import DiarizationOptions
from stenograf.engines.diarization.fbank import fbank
from stenograf.engines.diarization.labelling import CentroidLabeller, Labeller, VbxLabeller
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.relabelling import Heard
from stenograf.engines.diarization.resnet import ResNetEmbedder
from stenograf.models.convert import convert_segmentation, convert_wespeaker
from stenograf.testing.pyannote import (
    embedding_network,
    save_checkpoint,
    segmentation_network,
)
from stenograf.testing.sound import read_speech

pytestmark = [pytest.mark.e2e, pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

CLIPS = {
    "pyannote-sample": ("audio/diarization/pyannote-sample/sample.wav", slice(0, 18 * 16_000)),
    "ami": ("audio/diarization/ami/trn00.wav", slice(14 * 16_000, int(27.7 * 16_000))),
}
TIGHT = 0.012  # random embeddings lie close together: a cut that leaves several speakers


@dataclass(frozen=True)
class Recorded:
    """What pyannote.audio made of a clip."""

    samples: NDArray[np.float32]
    windows: Any  # pyannote's own value
    embeddings: NDArray[np.float32]

    @property
    def segmentation(self) -> NDArray[np.bool_]:
        active: NDArray[np.bool_] = self.windows.data > 0.5
        return active


class Reference:
    """pyannote.audio's SpeakerDiarization built from the assets, without any download."""

    def __init__(self, assets: Path, home: Path) -> None:
        self.segmentation = segmentation_network(assets / "models").eval()
        self.embedding = embedding_network().eval()
        self.assets, self.home = assets, home
        self.paths = {
            name: save_checkpoint(model, home / name / "pytorch_model.bin")
            for name, model in (
                ("segmentation", self.segmentation),
                ("embedding", self.embedding),
            )
        }

    def pipeline(self, clustering: str, **parameters: Any) -> Any:
        from pyannote.audio.core.plda import PLDA
        from pyannote.audio.pipelines import SpeakerDiarization

        plda = self.assets / "models/community-1-plda"
        pipeline = SpeakerDiarization(
            segmentation=self.segmentation,
            embedding=str(self.paths["embedding"]),
            embedding_exclude_overlap=True,
            segmentation_batch_size=16,
            embedding_batch_size=16,
            clustering=clustering,
            plda=PLDA(plda / "xvec_transform.npz", plda / "plda.npz"),
        )
        return pipeline.instantiate(
            {"clustering": parameters, "segmentation": {"min_duration_off": 0.0}}
        )


@pytest.fixture(scope="module")
def reference(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYANNOTE_METRICS_ENABLED", "0")
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield Reference(assets, tmp_path_factory.mktemp("pyannote"))


@pytest.fixture(scope="module", params=CLIPS)
def recorded(request: pytest.FixtureRequest, reference: Reference) -> Recorded:
    import soundfile

    path, part = CLIPS[request.param]
    samples = soundfile.read(reference.assets / path, dtype="float32")[0][part]
    artifacts: dict[str, Any] = {}
    pipeline = reference.pipeline("VBxClustering", threshold=0.6, Fa=0.07, Fb=0.8)
    run(pipeline, samples, hook=lambda name, artifact, **_: artifacts.update({name: artifact}))
    return Recorded(samples, artifacts["segmentation"], artifacts["embeddings"])


def run(pipeline: Any, samples: NDArray[np.float32], **options: Any) -> Any:
    import torch

    file = {"waveform": torch.from_numpy(samples)[None], "sample_rate": 16_000, "uri": "clip"}
    return pipeline(file, **options).speaker_diarization


@pytest.fixture(scope="module")
def diarizer(reference: Reference) -> OnnxDiarizer:
    """Our `reference` mode on the same weights."""
    home = reference.home
    convert_segmentation(reference.paths["segmentation"], home / "segmentation.onnx")
    convert_wespeaker(reference.paths["embedding"], home / "trunk.onnx", home / "head.npz")
    embedder = ResNetEmbedder(home / "trunk.onnx", home / "head.npz", n_threads=2, per_window=True)
    return OnnxDiarizer(
        home / "segmentation.onnx",
        embedder,
        CentroidLabeller(),
        options=OnnxOptions(mode="reference"),
    )


@dataclass(frozen=True)
class Analysis:
    """What our two networks made of the clip."""

    activity: NDArray[np.bool_]
    embeddings: NDArray[np.float32]


@pytest.fixture(scope="module")
def analysis(recorded: Recorded, diarizer: OnnxDiarizer) -> Analysis:
    return Analysis(*diarizer.analyse(recorded.samples))


def test_filterbanks_are_kaldis(assets: Path) -> None:
    """Log mel energies of torchaudio's `kaldi.fbank`, as WeSpeaker was trained on, to 0.001."""
    import torch
    from torchaudio.compliance import kaldi

    samples = read_speech(assets / CLIPS["ami"][0])[CLIPS["ami"][1]]
    theirs = kaldi.fbank(
        torch.from_numpy(samples)[None] * 2**15,
        num_mel_bins=80,
        frame_length=25,
        frame_shift=10,
        dither=0.0,
        window_type="hamming",
        use_energy=False,
    )
    assert np.allclose(fbank(samples), theirs.numpy(), atol=0.001)


def test_frames_are_pyannotes(recorded: Recorded, analysis: Analysis) -> None:
    """At least 99.9 % of frame decisions agree."""
    assert analysis.activity.shape == recorded.segmentation.shape
    assert (analysis.activity == recorded.segmentation).all(axis=-1).mean() >= 0.999


def test_embeddings_are_pyannotes(recorded: Recorded, analysis: Analysis) -> None:
    """Every embedding points where pyannote's does."""
    spoken = recorded.segmentation.any(axis=1) & analysis.activity.any(axis=1)
    left, right = analysis.embeddings[spoken], recorded.embeddings[spoken]
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    assert len(left) > 3
    assert ((left * right).sum(axis=1) / lengths).min() >= 0.9999


CENTROID = {"method": "centroid", "min_cluster_size": 12}
CLUSTERINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "community-1": ("VBxClustering", {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8}),
    "community-1, many speakers": ("VBxClustering", {"threshold": TIGHT, "Fa": 0.3, "Fb": 0.1}),
    "3.1": ("AgglomerativeClustering", CENTROID | {"threshold": 0.7045654963945799}),
    "3.1, many speakers": ("AgglomerativeClustering", CENTROID | {"threshold": TIGHT}),
}


@pytest.mark.parametrize("speakers", [None, 1, 3])
@pytest.mark.parametrize("clustering", CLUSTERINGS)
def test_turns_are_pyannotes(
    reference: Reference,
    recorded: Recorded,
    analysis: Analysis,
    clustering: str,
    speakers: int | None,
) -> None:
    """Turns differ by at most 0.5 % DER, with and without a number of speakers."""
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    kind, parameters = CLUSTERINGS[clustering]
    pipeline = reference.pipeline(kind, **parameters)
    pipeline.get_segmentations = lambda *_, **__: recorded.windows
    pipeline.get_embeddings = lambda *_, **__: recorded.embeddings.copy()
    expected = run(pipeline, recorded.samples, num_speakers=speakers)
    hypothesis = Annotation()
    labels = our_labeller(reference.assets, kind, parameters).label(
        analysis.embeddings, analysis.activity, DiarizationOptions.of(speakers=speakers)
    )
    heard = Heard(
        analysis.activity,
        analysis.embeddings,
        duration_s=len(recorded.samples) / 16_000,
        hop_s=1.0,
        min_unheard_share=0.0,
        ties="quicksort",
    )
    turns = heard.turns(labels, max_speakers=speakers)
    for index, turn in enumerate(turns):
        hypothesis[Segment(turn.span.start, turn.span.end), index] = turn.speaker
    uem = Timeline([Segment(0, len(recorded.samples) / 16_000)])
    assert DiarizationErrorRate()(expected, hypothesis, uem=uem) <= 0.005
    assert len(hypothesis.labels()) == len(expected.labels())


def our_labeller(assets: Path, clustering: str, parameters: dict[str, Any]) -> Labeller:
    if clustering == "AgglomerativeClustering":
        return CentroidLabeller(parameters["threshold"], parameters["min_cluster_size"])
    plda = load_plda(assets / "models/community-1-plda")
    return VbxLabeller(plda, parameters["threshold"], parameters["Fa"], parameters["Fb"])
