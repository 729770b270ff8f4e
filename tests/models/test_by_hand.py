"""The document about downloading by hand, followed step by step, ends in a pipeline that loads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stenograf.models import Places
from stenograf.models.intake import import_models
from stenograf.models.locate import hub_folder

pytestmark = [pytest.mark.e2e, pytest.mark.parity, pytest.mark.timeout(600)]

PIPELINE = "pyannote/speaker-diarization-3.1"
PARTS = {
    "segmentation": "pyannote/segmentation-3.0",
    "embedding": "pyannote/wespeaker-voxceleb-resnet34-LM",
}
COMMUNITY = "pyannote/speaker-diarization-community-1"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

# In a process of its own: the hub's client reads its settings when it is imported.
WRITE = """
import shutil, sys, warnings; warnings.simplefilter("ignore")
from pathlib import Path
import lightning, torch, yaml
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.audio.models.segmentation import PyanNet
out = Path(sys.argv[1])
torch.manual_seed(0)
seg = PyanNet(lstm={"num_layers": 4})
seg.specifications = Specifications(problem=Problem.MONO_LABEL_CLASSIFICATION,
    resolution=Resolution.FRAME, duration=10.0, permutation_invariant=True,
    classes=["speaker#1", "speaker#2", "speaker#3"], powerset_max_classes=2)
seg.build()
emb = WeSpeakerResNet34()
emb.specifications = Specifications(problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK,
    duration=5.0, classes=["a", "b"])
for name, model in (("segmentation", seg), ("embedding", emb)):
    (out / name).mkdir(parents=True)
    saved = {"state_dict": model.state_dict(), "hyper_parameters": dict(model.hparams),
             "pytorch-lightning_version": lightning.__version__, "epoch": 0, "global_step": 0}
    model.on_save_checkpoint(saved)
    torch.save(saved, out / name / "pytorch_model.bin")
    (out / name / "config.yaml").write_text("task: x\\n")
def pipeline(folder, clustering, parts, params):
    names = {"segmentation": parts[0], "embedding": parts[1], **parts[2]}
    (out / folder).mkdir()
    (out / folder / "config.yaml").write_text(yaml.safe_dump({"version": "3.1.0",
        "pipeline": {"name": "pyannote.audio.pipelines.SpeakerDiarization",
                     "params": {"clustering": clustering, **names}},
        "params": {"clustering": params, "segmentation": {"min_duration_off": 0.0}}}))
pipeline("pipeline", "AgglomerativeClustering", (sys.argv[2], sys.argv[3], {}),
         {"method": "centroid", "min_cluster_size": 12, "threshold": 0.7})
inner = ("$model/segmentation", "$model/embedding", {"plda": "$model/plda"})
pipeline("community", "VBxClustering", inner, {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8})
for part in ("segmentation", "embedding"):
    shutil.copytree(out / part, out / "community" / part)
(out / "community" / "plda").mkdir()
for part in ("plda.npz", "xvec_transform.npz"):
    shutil.copy(Path(sys.argv[4]) / part, out / "community" / "plda")
"""
LOAD = """
import sys, warnings; warnings.simplefilter("ignore")
from pyannote.audio import Pipeline
for name in sys.argv[1:]:
    pipeline = Pipeline.from_pretrained(name)
    classes = pipeline._segmentation.model.specifications.num_powerset_classes
    print(type(pipeline).__name__, pipeline.klustering, classes)
"""


def python(script: str, *arguments: str, hub: Path | None = None) -> str:
    environment = os.environ | {"PYANNOTE_METRICS_ENABLED": "0", "HF_HUB_OFFLINE": "1"}
    if hub is not None:
        environment["HF_HUB_CACHE"] = str(hub)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.fixture(scope="module")
def downloads(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the four repositories hold, with random weights written by pyannote.audio itself."""
    folder = tmp_path_factory.mktemp("downloads")
    plda = assets / "models" / "community-1-plda"
    python(WRITE, str(folder), *PARTS.values(), str(plda))
    return folder


def browser_zip(source: Path, repository: str, place: Path) -> Path:
    name = repository.split("/")[1] + "-main"
    target = place / f"{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(source.rglob("*")):
            archive.write(path, f"{name}/{path.relative_to(source).as_posix()}")
    return target


def snapshots_main(source: Path, repository: str, place: Path) -> Path:
    target = place / "huggingface-cache" / "hub" / hub_folder(repository)
    shutil.copytree(source, target / "snapshots" / "main")
    return target


def git_clone(source: Path, repository: str, place: Path) -> Path:
    """As the document clones: into a folder with the hub's name, without snapshots."""
    target = place / hub_folder(repository)
    shutil.copytree(source, target)
    (target / ".git").mkdir()
    remote = f'[remote "origin"]\n\turl = https://hub.example/{repository}\n'
    (target / ".git" / "config").write_text(remote)
    (target / ".git" / "HEAD").write_text(COMMIT + "\n")
    return target


@pytest.mark.parametrize("way", [browser_zip, snapshots_main, git_clone])
def test_the_pipeline_loads_offline_after_the_import(
    downloads: Path, tmp_path: Path, way: Callable[[Path, str, Path], Path]
) -> None:
    """`Pipeline.from_pretrained` finds every repository with no network.

    Version 4 of pyannote.audio wants community-1's PLDA even for the 3.1 pipeline.
    """
    places = Places(data_dir=tmp_path / "data", hub_cache=tmp_path / "cache")
    for name, repository in {"pipeline": PIPELINE, **PARTS, "community": COMMUNITY}.items():
        (taken,) = import_models(way(downloads / name, repository, tmp_path), places)
        assert taken.path == places.hub_cache / hub_folder(repository)
    said = python(LOAD, PIPELINE, COMMUNITY, hub=places.hub_cache).splitlines()
    assert said == [
        "SpeakerDiarization AgglomerativeClustering 7",
        "SpeakerDiarization VBxClustering 7",
    ]
