"""Takes in models that a person brought by hand: `stenograf models import`."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stenograf.core.errors import ModelInvalidError, ModelMissingError, OptionError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.models.archive import MAX_FILES, is_archive, unpack
from stenograf.models.catalog import Entry
from stenograf.models.checkpoint import read_checkpoint
from stenograf.models.fetch import file_hashes
from stenograf.models.finds import Find, finds_in, identify
from stenograf.models.forms import LFS_POINTER, Form
from stenograf.models.locate import hub_folder, installed_path
from stenograf.models.places import Places
from stenograf.models.record import Record, write_record
from stenograf.models.staging import disk_faults, staged_file, staged_folder, staged_folder_beside

SOURCE: Final = "import"
_CODE: Final = frozenset(
    {".py", ".pyc", ".exe", ".dll", ".so", ".dylib", ".bat", ".cmd", ".ps1", ".sh", ".js", ".msi"}
)
_PICKLES: Final = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"})


@dataclass(frozen=True, slots=True)
class Imported:
    """A model that was taken in: its name in the catalog and where it lies now."""

    name: str
    form: Form
    path: Path


def import_models(
    path: Path,
    places: Places,
    *,
    name: str | None = None,
    on_progress: OnProgress = ignore_progress,
) -> list[Imported]:
    """Put every model at a path (file, folder, zip, tar, clone, bundle) where engines look.

    `name` says which model it is where the content does not. Nothing half-written is ever visible:
    a model appears whole or stays as it was. Raises ModelInvalidError with the reason.
    """
    if not path.exists():
        raise ModelMissingError("There is no file or folder {path}.", path=path)
    if not is_archive(path):
        with disk_faults(places.home):
            return _import_tree(path, places, name, on_progress)
    with disk_faults(places.home), staged_folder_beside(places.home / "import") as folder:
        unpack(path, folder, on_progress=lambda fraction: on_progress(fraction / 2))
        return _import_tree(folder, places, name, lambda x: on_progress(0.5 + x / 2))


def _import_tree(
    path: Path, places: Places, name: str | None, on_progress: OnProgress
) -> list[Imported]:
    from stenograf.models.bundle import is_bundle, models_of

    found = [(find, name) for find in ([] if is_bundle(path) else finds_in(path))]
    if is_bundle(path):
        found = models_of(path)
    if name is not None and len(found) > 1:
        raise OptionError("{path} holds {n} models; --as names one.", path=path, n=len(found))
    subjects = [(identify(find, given), find) for find, given in found]
    contents = [_files(find, subject) for subject, find in subjects]  # all are safe before one goes
    taken = []
    for done, ((subject, find), files) in enumerate(zip(subjects, contents, strict=True)):
        on_progress(done / len(subjects))
        taken.append(_place(subject, find, files, places))
    on_progress(1.0)
    return taken


def _files(find: Find, subject: Entry) -> dict[str, Path]:
    """The model's files by path inside it, checked one by one; code is left out."""
    root = find.content.path
    if root.is_file():
        files = {root.name: root}
    else:
        files = {file.relative_to(root).as_posix(): file for file in _regular(root)}
    if len(files) > MAX_FILES:
        raise _refused(root, f"it holds more than {MAX_FILES} files")
    if subject.is_file and root.is_dir():
        files = dict([next(item for item in files.items() if item[1].suffix in (".pt", ".bin"))])
    for file in files.values():
        _check(file, subject.form)
    return files


def _regular(root: Path) -> Iterator[Path]:
    """Files below a folder; links may point only to what lies beside it (the hub's blobs)."""
    home = root.parent.parent.resolve() if root.parent.name == "snapshots" else root.resolve()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if any(part.startswith(".") for part in inside.parts) or path.suffix.lower() in _CODE:
            continue
        if path.is_symlink() and home not in path.resolve().parents:
            raise _refused(path, "it is a link that leaves the model's folder")
        if path.is_file():
            yield path


def _check(file: Path, form: Form) -> None:
    with file.open("rb") as stream:
        head = stream.read(64)
    if head.startswith(LFS_POINTER):
        raise _refused(file, "it is a Git-LFS pointer, not the file itself: run git lfs pull")
    pickled = head[:4] == b"PK\x03\x04" or (head[:1] == b"\x80" and head[1:2] < b"\x06")
    if form not in ("ggml", "ctranslate2") and file.suffix.lower() in _PICKLES and pickled:
        read_checkpoint(file)  # refuses what could run code


def _place(subject: Entry, find: Find, files: Mapping[str, Path], places: Places) -> Imported:
    hashes = {name: file_hashes(file)[0] for name, file in files.items()}
    revision = find.revision or _revision(hashes)
    target = installed_path(subject, places)
    if subject.in_hub_layout:
        repository = find.repository or _usual_repository(subject)
        target = places.hub_cache / hub_folder(repository)
        _place_snapshot(target, revision, files)
    elif subject.is_file:
        ((_, file),) = files.items()
        hashes = {target.name: next(iter(hashes.values()))}
        with staged_file(target) as part:
            shutil.copyfile(file, part)
    else:
        with staged_folder(target) as folder:
            _copy(files, folder)
    write_record(Record(subject.name, SOURCE, revision, hashes, hashes), subject, places)
    return Imported(subject.name, subject.form, target)


def _usual_repository(subject: Entry) -> str:
    """Where the engine itself would look: pyannote.audio asks for its own repositories by name."""
    own = (repo for repo in subject.repositories if repo.startswith("pyannote/"))
    return next(own, subject.repositories[0])


def _place_snapshot(repository: Path, revision: str, files: Mapping[str, Path]) -> None:
    """The snapshot first, then the reference: until the last step the old one is in use."""
    snapshot = repository / "snapshots" / revision
    with staged_folder(snapshot) as folder:
        _copy(files, folder)
    with staged_file(repository / "refs" / "main") as part:
        part.write_text(revision, encoding="utf-8")


def _copy(files: Mapping[str, Path], folder: Path) -> None:
    for name, file in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _revision(hashes: Mapping[str, str]) -> str:
    """A name for content whose commit is unknown, of a commit's length: 40 hexadecimal digits."""
    listing = "\n".join(f"{name} {sha256}" for name, sha256 in sorted(hashes.items()))
    return hashlib.sha256(listing.encode()).hexdigest()[:40]


def _refused(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError("{path} is not used: {reason}.", path=path, reason=reason)
