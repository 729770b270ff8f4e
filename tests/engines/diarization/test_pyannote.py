"""pyannote.audio's own pipelines as an engine: real code of theirs, a random embedding."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from stenograf.core.errors import (
    CancelledError,
    EngineUnavailableError,
    ModelInvalidError,
    ModelMissingError,
)
from stenograf.core.options import DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.core.waveform import Samples, duration_s
from stenograf.engines.diarization.pyannote import PyannoteDiarizer
from stenograf.engines.diarization.pyannote_config import read_config
from stenograf.testing.pyannote import write_random_pipeline
from stenograf.testing.sound import read_speech

AUTO = DiarizationOptions()
CONFIG = """\
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params: {clustering: AgglomerativeClustering, segmentation: a/b, embedding: c/d@main}
"""
parity = pytest.mark.parity
e2e = pytest.mark.e2e


def write_config(folder: Path, text: str = CONFIG) -> Path:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder


def test_parts_are_found_beside_the_config_or_by_their_repository(tmp_path: Path) -> None:
    """A relative path, then what the models room found for a repository, revision or not."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/pytorch_model.bin").touch()
    config = read_config(write_config(tmp_path), {"c/d": tmp_path / "elsewhere"})
    assert config.options["segmentation"] == {"checkpoint": str(tmp_path / "a/b")}
    found = str(tmp_path / "elsewhere/pytorch_model.bin")
    assert config.options["embedding"] == {"checkpoint": found}
    assert not config.needs_plda


def test_a_part_that_is_nowhere_is_named(tmp_path: Path) -> None:
    """Nothing is fetched; the reader learns what to install."""
    with pytest.raises(ModelMissingError, match="a/b") as caught:
        PyannoteDiarizer(write_config(tmp_path))
    assert "a/b" in caught.value.advice


@pytest.mark.parametrize(
    "text",
    ["pipeline: {name: pyannote.audio.pipelines.VoiceActivityDetection}", "[]", "a: [", ""],
)
def test_what_is_no_diarization_pipeline_is_refused(tmp_path: Path, text: str) -> None:
    """Other pipelines, and files that are no configuration."""
    with pytest.raises(ModelInvalidError):
        PyannoteDiarizer(write_config(tmp_path, text))


def test_a_pipeline_without_an_embedding_is_refused(tmp_path: Path) -> None:
    """pyannote would fetch its default part from the hub; nothing is fetched here."""
    (tmp_path / "a/b").mkdir(parents=True)
    text = CONFIG.replace(", embedding: c/d@main", "").replace("Agglomerative", "VBx")
    with pytest.raises(ModelInvalidError, match="embedding, plda"):
        read_config(write_config(tmp_path, text), {})


def test_a_folder_without_a_pipeline_is_missing(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(ModelMissingError, match="nowhere"):
        PyannoteDiarizer(tmp_path / "nowhere")


def test_without_the_package_the_command_to_install_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named, not an ImportError."""
    monkeypatch.setitem(sys.modules, "pyannote.audio.pipelines", None)
    parts = {"a/b": tmp_path, "c/d": tmp_path}
    with pytest.raises(EngineUnavailableError) as caught:
        PyannoteDiarizer(write_config(tmp_path), parts=parts)
    assert "stenograf-local[pyannote]" in caught.value.advice


class Pipeline3:
    """What pyannote.audio 3 offers: no PLDA, and turns without a wrapping."""

    asked: ClassVar[dict[str, Any]] = {}

    def __init__(self, *, segmentation: Any, embedding: Any, clustering: str) -> None:
        self.parts = segmentation, embedding

    def instantiate(self, parameters: Any) -> Pipeline3:
        return self

    def to(self, device: Any) -> None:
        """Any device will do."""

    def __call__(self, file: dict[str, Any], *, hook: Any, **bounds: Any) -> Pipeline3:
        Pipeline3.asked = {"bounds": bounds, "file": file}
        hook("segmentation", None, total=2, completed=1)
        return self

    def itertracks(self, *, yield_label: bool) -> Iterator[tuple[Span, str, str]]:
        yield Span(0.5, 1.0), "A", "speaker 7"


@pytest.fixture
def version_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyannote.audio 3 is installed, and so is as much of torch as it takes."""
    monkeypatch.setenv("PYANNOTE_METRICS_ENABLED", "1")
    pipelines = SimpleNamespace(SpeakerDiarization=Pipeline3)
    monkeypatch.setitem(sys.modules, "pyannote.audio.pipelines", pipelines)
    torch = SimpleNamespace(from_numpy=np.asarray, device=str)
    monkeypatch.setitem(sys.modules, "torch", torch)


def test_pyannote_3_runs_3_1(tmp_path: Path, version_3: None) -> None:
    """In memory, within the bounds, its telemetry off; its bare turns are numbered as ours."""
    engine = PyannoteDiarizer(
        write_config(tmp_path), parts={"a/b": tmp_path, "c/d": tmp_path}, device="cpu"
    )
    sound, seen = np.zeros(32_000, dtype=np.float32), list[float]()
    options = DiarizationOptions.of(speakers=1)
    found = engine.diarize(sound, everywhere(sound), options, on_progress=seen.append)
    assert found.turns == (Turn(Span(0.5, 1.0), "SPEAKER_00"),)
    assert Pipeline3.asked["bounds"] == {"min_speakers": 1, "max_speakers": 1}
    assert Pipeline3.asked["file"]["waveform"].shape == (1, 32_000)
    assert seen[0] < seen[1] < seen[-1] == 1.0
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"


def test_pyannote_3_says_that_community_1_needs_4(tmp_path: Path, version_3: None) -> None:
    """With the command that brings it."""
    text = CONFIG.replace("Agglomerative", "VBx").replace("@main", "@main, plda: a/b")
    parts = {"a/b": tmp_path, "c/d": tmp_path}
    with pytest.raises(EngineUnavailableError, match=r"needs pyannote\.audio 4") as caught:
        PyannoteDiarizer(write_config(tmp_path, text), parts=parts, device="cpu")
    assert "pip install --upgrade" in caught.value.advice


@pytest.fixture(scope="module")
def folder(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A community-1 folder; any attempt to reach the network fails its test."""
    import socket

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYANNOTE_METRICS_ENABLED", "1")
        patch.setattr(socket, "getaddrinfo", _no_network)
        yield write_random_pipeline(tmp_path_factory.mktemp("hub") / "pipeline", assets / "models")


def _no_network(*_: object, **__: object) -> None:
    raise AssertionError("somebody asked for the network")


@pytest.fixture(scope="module")
def diarizer(folder: Path) -> PyannoteDiarizer:
    return PyannoteDiarizer(folder, device="cpu")


@pytest.fixture(scope="module")
def sample(assets: Path) -> Samples:
    return read_speech(assets / "audio/diarization/pyannote-sample/sample.wav")[: 14 * 16_000]


def everywhere(samples: Samples) -> list[Span]:
    return [Span(0.0, duration_s(samples))]


@e2e
@parity
@pytest.mark.filterwarnings("ignore")
def test_turns_are_those_of_pyannote(
    folder: Path, diarizer: PyannoteDiarizer, sample: Samples
) -> None:
    """The same turns as its own Pipeline.from_pretrained, overlap included, in our numbering."""
    import torch
    from pyannote.audio import Pipeline

    file = {"waveform": torch.from_numpy(sample)[None], "sample_rate": 16_000}
    pipeline: Any = Pipeline.from_pretrained(str(folder))
    theirs = pipeline(file).speaker_diarization
    ours = diarizer.diarize(sample, everywhere(sample), AUTO).turns
    assert sorted((t.span.start, t.span.end) for t in ours) == sorted(
        (segment.start, segment.end) for segment in theirs.itersegments()
    )
    assert next(t.speaker for t in ours) == "SPEAKER_00"


@e2e
@parity
@pytest.mark.parametrize("speakers", [1, 3])
def test_bounds_reach_pyannote(diarizer: PyannoteDiarizer, sample: Samples, speakers: int) -> None:
    """An exact number is met where there is speech for it."""
    options = DiarizationOptions.of(speakers=speakers)
    found = diarizer.diarize(sample, everywhere(sample), options)
    assert len({turn.speaker for turn in found.turns}) == speakers
    assert found.notices == ()


@e2e
@parity
def test_bounds_that_cannot_be_met_are_told(diarizer: PyannoteDiarizer, sample: Samples) -> None:
    """Two seconds hold no five speakers for pyannote."""
    short = sample[8 * 16_000 : 10 * 16_000]
    found = diarizer.diarize(short, everywhere(short), DiarizationOptions.of(speakers=5))
    assert [notice.code for notice in found.notices] == ["diarization.bounds_missed"]
    assert "5" in found.notices[0].text


@e2e
@parity
def test_progress_rises_and_cancelling_leaves_it_usable(
    diarizer: PyannoteDiarizer, sample: Samples
) -> None:
    """Fractions never fall and end at 1; CancelledError passes through pyannote."""
    seen: list[float] = []
    first = diarizer.diarize(sample, everywhere(sample), AUTO, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 3

    def cancel(fraction: float) -> None:
        if fraction > 0.0:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        diarizer.diarize(sample, everywhere(sample), AUTO, on_progress=cancel)
    assert diarizer.diarize(sample, everywhere(sample), AUTO) == first


@e2e
@parity
@pytest.mark.parametrize("n_samples", [0, 1, 400, 8_000])
def test_short_and_silent_sound_gives_no_turns(diarizer: PyannoteDiarizer, n_samples: int) -> None:
    """No speech, no turns; nor from silence that a detector took for speech."""
    silence = np.zeros(n_samples, dtype=np.float32)
    assert diarizer.diarize(silence, [], AUTO).turns == ()
    assert diarizer.diarize(silence, [Span(0.0, n_samples / 16_000)], AUTO).turns == ()


@e2e
@parity
def test_3_1_runs_without_the_plda_that_pyannote_4_would_fetch(
    assets: Path, tmp_path: Path, sample: Samples, folder: Path
) -> None:
    """Its published configuration names hub repositories; `parts` says where they lie."""
    home = write_random_pipeline(tmp_path / "3.1", assets / "models", layout="3.1")
    parts = {
        "pyannote/segmentation-3.0": home / "segmentation",
        "pyannote/wespeaker-voxceleb-resnet34-LM": home / "embedding",
    }
    engine = PyannoteDiarizer(home, parts=parts, device="cpu")
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"
    assert engine.diarize(sample, everywhere(sample), AUTO).turns


@e2e
@parity
def test_damaged_weights_are_named(folder: Path, tmp_path: Path) -> None:
    """The path of the pipeline, and what torch said."""
    broken = Path(shutil.copytree(folder, tmp_path / "broken"))
    (broken / "segmentation/pytorch_model.bin").write_bytes(b"PK\x03\x04 no checkpoint")
    with pytest.raises(ModelInvalidError, match="broken"):
        PyannoteDiarizer(broken)
