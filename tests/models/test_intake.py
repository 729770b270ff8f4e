"""What a person brings by hand ends where the engines look, whole, or is refused with a reason."""

from __future__ import annotations

import errno
import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import (
    DiskFullError,
    ModelError,
    ModelInvalidError,
    ModelMissingError,
    ModelUnknownError,
    OptionError,
)
from stenograf.models import Places, locate
from stenograf.models.bundle import MANIFEST, export_models
from stenograf.models.catalog import entry
from stenograf.models.intake import import_models
from stenograf.models.record import read_record
from stenograf.testing.checkpoints import Call, Name, write_checkpoint
from stenograf.testing.weights import (
    CTRANSLATE2_FILES,
    GGML_MODEL,
    LFS_POINTER,
    PIPELINE_FILES,
    write_files,
)

SEGMENTATION = "pyannote-segmentation-3.0"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = {
    "sincnet.wav_norm1d.weight": np.ones(1, "f4"),
    "classifier.weight": np.ones((7, 128), "f4"),
}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(data_dir=tmp_path / "data", hub_cache=tmp_path / "hub")


def segmentation(folder: Path) -> Path:
    """The files of the repository as a browser leaves them."""
    write_files(folder, {"config.yaml": b"task: x\n", "README.md": b"read me"})
    write_checkpoint(folder / "pytorch_model.bin", {"state_dict": WEIGHTS})
    return folder


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder.parent))
    return target


def tarred(folder: Path, target: Path) -> Path:
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, folder.name)
    return target


def browser_files(base: Path) -> Path:
    return segmentation(base / "Downloads")


def browser_zip(base: Path) -> Path:
    return zipped(segmentation(base / "segmentation-3.0-main"), base / "segmentation-3.0-main.zip")


def colleagues_tar(base: Path) -> Path:
    return tarred(segmentation(base / "models--pyannote--segmentation-3.0"), base / "models.tar.gz")


def snapshot_without_hash(base: Path) -> Path:
    repository = base / "cache" / "models--pyannote--segmentation-3.0"
    segmentation(repository / "snapshots" / "main")
    return repository


def clone(base: Path) -> Path:
    folder = segmentation(base / "segmentation-3.0")
    remote = '[core]\n\tbare = false\n[remote "origin"]\n\turl = '
    url = "https://hub.example/pyannote/segmentation-3.0\n"
    write_files(
        folder / ".git",
        {
            "config": (remote + url).encode(),
            "HEAD": b"ref: refs/heads/main\n",
            "refs/heads/main": COMMIT.encode(),
        },
    )
    return folder


def single_file(base: Path) -> Path:
    return segmentation(base / "Downloads") / "pytorch_model.bin"


@pytest.mark.parametrize(
    "bring",
    [browser_files, browser_zip, colleagues_tar, snapshot_without_hash, clone, single_file],
)
def test_every_way_by_hand_ends_in_the_hub_layout(
    tmp_path: Path, places: Places, bring: Callable[[Path], Path]
) -> None:
    """The model is recognised by content, and `refs/main` names a snapshot of real files."""
    (taken,) = import_models(bring(tmp_path), places)
    assert taken.name == SEGMENTATION
    repository = places.hub_cache / "models--pyannote--segmentation-3.0"
    assert taken.path == repository
    revision = (repository / "refs" / "main").read_text()
    assert len(revision) == 40
    assert revision == COMMIT or bring is not clone
    snapshot = repository / "snapshots" / revision
    assert (snapshot / "pytorch_model.bin").is_file()
    assert not any(path.is_symlink() for path in repository.rglob("*"))
    assert not (snapshot / ".git").exists()
    found = locate(SEGMENTATION, places)
    assert found is not None
    record = read_record(entry(SEGMENTATION), places)
    assert record is not None
    assert record.files.keys() == {p.name for p in snapshot.iterdir()}
    assert [path.name for path in places.home.iterdir()] == [".records"]


def test_importing_twice_changes_nothing(tmp_path: Path, places: Places) -> None:
    """The same content gets the same revision."""
    source = browser_files(tmp_path)
    (first,) = import_models(source, places)
    before = sorted(path.as_posix() for path in first.path.rglob("*"))
    (second,) = import_models(source, places)
    assert second == first
    assert sorted(path.as_posix() for path in first.path.rglob("*")) == before


def test_a_folder_with_two_repositories_gives_both(tmp_path: Path, places: Places) -> None:
    """The pipeline and its segmentation may lie in one cache folder, as the document says."""
    cache = tmp_path / "huggingface-cache" / "hub"
    pipeline = cache / "models--pyannote--speaker-diarization-3.1" / "snapshots" / "main"
    write_files(pipeline, PIPELINE_FILES)
    segmentation(cache / "models--pyannote--segmentation-3.0" / "snapshots" / "main")
    taken = import_models(tmp_path / "huggingface-cache", places)
    assert {model.name for model in taken} == {SEGMENTATION, "speaker-diarization-3.1"}
    with pytest.raises(OptionError, match="2 models"):
        import_models(tmp_path / "huggingface-cache", places, name=SEGMENTATION)


def test_models_of_speech_go_to_the_models_folder(tmp_path: Path, places: Places) -> None:
    """A CTranslate2 folder is known by its name or the one given; ggml by its file's name."""
    write_files(tmp_path / "faster-whisper-small", CTRANSLATE2_FILES)
    (small,) = import_models(tmp_path / "faster-whisper-small", places)
    assert small.name == "small"
    shutil.copytree(tmp_path / "faster-whisper-small", tmp_path / "mine")
    with pytest.raises(ModelUnknownError, match="nothing in it tells which"):
        import_models(tmp_path / "mine", places)
    (medium,) = import_models(tmp_path / "mine", places, name="medium")
    assert (medium.name, medium.path) == ("medium", places.home / "medium")
    assert locate("medium", places) is not None
    write_files(tmp_path, {"ggml-tiny.bin": GGML_MODEL})
    (ggml,) = import_models(tmp_path / "ggml-tiny.bin", places)
    assert ggml.path == places.home / "ggml-tiny.bin"


def test_a_whisper_checkpoint_is_known_by_its_dimensions(
    tmp_path: Path, places: Places, make_dims: Callable[..., object]
) -> None:
    """A `.pt` may be called anything, and `--as small` then means its `.pt` form."""
    dims = make_dims(state=768, layers=12)
    found = {name: getattr(dims, name) for name in type(dims).__dataclass_fields__}  # type: ignore[attr-defined]
    root = {"dims": found, "model_state_dict": {"w": np.zeros(1, "f4")}}
    path = write_checkpoint(tmp_path / "download (1).pt", root)
    (known,) = import_models(path, places)
    assert (known.name, known.path) == ("small.pt", places.home / "small.pt")
    (named,) = import_models(path, places, name="base")
    assert named.name == "base.pt"
    with pytest.raises(
        ModelInvalidError, match=r"is not gigaam-v3: its form is OpenAI Whisper checkpoint"
    ):
        import_models(path, places, name="gigaam-v3")


def state_of(places: Places) -> dict[str, bytes]:
    roots = [places.home, places.hub_cache]
    paths = [path for root in roots for path in root.rglob("*") if path.is_file()]
    return {path.as_posix(): path.read_bytes() for path in paths}


def pointer(base: Path) -> Path:
    folder = segmentation(base / "clone")
    (folder / "pytorch_model.bin").write_bytes(LFS_POINTER)
    return folder


def pointer_beside(base: Path) -> Path:
    folder = segmentation(base / "clone")
    (folder / "extra.bin").write_bytes(LFS_POINTER)
    return folder


def foreign_class(base: Path) -> Path:
    folder = segmentation(base / "clone")
    hostile = {"state_dict": WEIGHTS, "x": Call(Name("os", "system"), ("exit 1",))}
    write_checkpoint(folder / "pytorch_model.bin", hostile)
    return folder


def hidden_pickle(base: Path) -> Path:
    folder = segmentation(base / "clone")
    write_checkpoint(folder / "optimizer.pt", Call(Name("os", "system"), ("exit 1",)))
    return folder


def escaping_link(base: Path) -> Path:
    folder = segmentation(base / "clone")
    (base / "secret.txt").write_text("secret")
    (folder / "notes.txt").symlink_to(base / "secret.txt")
    return folder


def half_folder(base: Path) -> Path:
    files = {name: data for name, data in CTRANSLATE2_FILES.items() if name != "tokenizer.json"}
    return write_files(base / "faster-whisper-small", files)


def empty(base: Path) -> Path:
    return write_files(base / "empty", {"README.md": b"nothing here"})


@pytest.mark.parametrize(
    ("bring", "reason"),
    [
        (pointer, "Git-LFS pointer.*git lfs pull"),
        (pointer_beside, r"extra\.bin.*Git-LFS pointer"),
        (foreign_class, r"os\.system"),
        (hidden_pickle, r"optimizer\.pt.*os\.system"),
        (escaping_link, "link that leaves"),
        (half_folder, r"lacks tokenizer\.json"),
        (empty, "no model of a form"),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(
    tmp_path: Path, places: Places, bring: Callable[[Path], Path], reason: str
) -> None:
    """The file and the fault are named; a model that was there before stays."""
    import_models(segmentation(tmp_path / "before"), places)
    before = state_of(places)
    with pytest.raises(ModelError, match=reason):
        import_models(bring(tmp_path), places)
    assert state_of(places) == before


def test_code_is_left_out(tmp_path: Path, places: Places) -> None:
    """A model folder holds data; programs and hidden files beside it stay behind."""
    folder = segmentation(tmp_path / "clone")
    write_files(folder, {"handler.py": b"x", "run.bat": b"x", ".gitattributes": b"x"})
    (taken,) = import_models(folder, places)
    names = {path.name for path in taken.path.rglob("*") if path.is_file()}
    assert names == {"main", "config.yaml", "README.md", "pytorch_model.bin"}


def test_a_full_disk_is_said_and_changes_nothing(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person learns which folder to free, and finds no remains in it."""

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(DiskFullError):
        import_models(browser_zip(tmp_path), places)
    assert state_of(places) == {}


def test_missing_paths_are_said(tmp_path: Path, places: Places) -> None:
    """A typing error in the path is not a damaged model."""
    with pytest.raises(ModelMissingError):
        import_models(tmp_path / "nowhere", places)


def test_a_bundle_carries_models_to_another_machine(tmp_path: Path, places: Places) -> None:
    """Names, revisions and bytes arrive as they were."""
    write_files(tmp_path / "faster-whisper-small", CTRANSLATE2_FILES)
    import_models(tmp_path / "faster-whisper-small", places)
    import_models(clone(tmp_path), places)
    bundle = tmp_path / "bundle.tar"
    export_models(["small", SEGMENTATION], bundle, places)
    there = Places(data_dir=tmp_path / "there", hub_cache=tmp_path / "there-hub")
    taken = import_models(bundle, there)
    assert [model.name for model in taken] == ["small", SEGMENTATION]
    repository = there.hub_cache / "models--pyannote--segmentation-3.0"
    assert (repository / "refs" / "main").read_text() == COMMIT
    here = {path.relative_to(places.home / "small"): path.read_bytes()
            for path in (places.home / "small").iterdir()}  # fmt: skip
    assert here == {p.relative_to(there.home / "small"): p.read_bytes()
                    for p in (there.home / "small").iterdir()}  # fmt: skip
    with pytest.raises(ModelMissingError, match="medium"):
        export_models(["medium"], bundle, places)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("content", "not what was exported"),
        ("version", "newer version"),
        ("list", "damaged"),
        ("missing", "not those of its list"),
        ("outside", "leaves the bundle"),
    ],
)
def test_damaged_bundles_are_refused(
    tmp_path: Path, places: Places, damage: str, reason: str
) -> None:
    """Every file is compared with its hash before the first model is placed."""
    import_models(clone(tmp_path), places)
    export_models([SEGMENTATION], tmp_path / "bundle.tar", places)
    folder = tmp_path / "unpacked"
    with tarfile.open(tmp_path / "bundle.tar") as archive:
        archive.extractall(folder, filter="data")
    manifest = json.loads((folder / MANIFEST).read_text())
    match damage:
        case "content":
            (folder / "models" / "0" / "config.yaml").write_text("b: 2\n")
        case "missing":
            (folder / "models" / "0" / "README.md").unlink()
        case "version":
            manifest["format_version"] = 2
        case "outside":
            manifest["models"][0]["folder"] = ".."
        case "list":
            manifest["models"][0] = 7
    (folder / MANIFEST).write_text(json.dumps(manifest))
    there = Places(data_dir=tmp_path / "there", hub_cache=tmp_path / "there-hub")
    with pytest.raises(ModelInvalidError, match=reason):
        import_models(folder, there)
    assert state_of(there) == {}
