"""Finds models in what a person brought, and tells by content which ones they are."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stenograf.core.errors import ModelInvalidError, ModelUnknownError
from stenograf.models.catalog import Entry, catalog, entry, family
from stenograf.models.checkpoint import read_checkpoint, read_weights
from stenograf.models.forms import FORM_NAMES, Content, inspect, snapshots_of

MAX_DEPTH: Final = 6
_REPOSITORY_FOLDER: Final = re.compile(r"models--([\w.-]+?)--([\w.-]+)")
_ADDRESS: Final = re.compile(r"[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_ROOT_HINT: Final = "Say which model it is: stenograf models import {path} --as NAME."


@dataclass(frozen=True, slots=True)
class Find:
    """A model somewhere in what was brought, with what its surroundings tell about its origin."""

    content: Content
    repository: str | None = None
    revision: str | None = None


def finds_in(path: Path) -> list[Find]:
    """Every model at or below a path, each once.

    Raises ModelInvalidError if something there is a model but cannot be used, or if nothing is.
    """
    found = list(_walk(path, _repository_of(path), 0))
    if not found:
        raise ModelInvalidError(
            "{path} holds no model of a form that is known here.",
            hint="Known forms: {forms}.",
            path=path,
            forms=", ".join(FORM_NAMES.values()),
        )
    for find in found:
        if find.content.problem:
            raise ModelInvalidError(
                "{path} is not used: {reason}.",
                hint="Get the file again, then import it.",
                path=find.content.path,
                reason=find.content.problem,
            )
    return found


def _walk(path: Path, repository: str | None, depth: int) -> Iterator[Find]:
    if depth > MAX_DEPTH:
        return
    if path.is_dir() and (path / "snapshots").is_dir():
        for snapshot in snapshots_of(path)[:1]:
            revision = snapshot.name if _COMMIT.fullmatch(snapshot.name) else None
            yield from _at(snapshot, repository or _repository_of(path), revision, depth)
        return
    yield from _at(path, repository or _repository_of(path), _cloned_revision(path), depth)


def _at(path: Path, repository: str | None, revision: str | None, depth: int) -> Iterator[Find]:
    content = inspect(path)
    if content is not None and (content.form or content.problem) and not _is_shelf(path, content):
        yield Find(content, repository, revision)
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            single = depth == 0 or _is_shelf(path, content)
            if not child.name.startswith(".") and (child.is_dir() or single):
                yield from _quiet(_walk(child, _repository_of(child), depth + 1), child)


def _is_shelf(path: Path, content: Content | None) -> bool:
    """Whether a folder is one of several checkpoints rather than one model."""
    if content is None or not path.is_dir() or content.form not in (None, "openai", "ggml"):
        return False
    return content.form is not None or content.problem == "the folder is empty"


def _quiet(found: Iterator[Find], child: Path) -> Iterator[Find]:
    """Leave out single files that are no models, such as a README."""
    for find in found:
        if child.is_file() and find.content.form is None and not _is_pointer(find.content):
            continue
        if find.content.problem != "the folder is empty":
            yield find


def _is_pointer(content: Content) -> bool:
    return "Git-LFS" in (content.problem or "")


def _repository_of(path: Path) -> str | None:
    """`owner/name` from the hub's name of a folder, or from where it was cloned."""
    for folder in (path, path.parent.parent):
        named = _REPOSITORY_FOLDER.fullmatch(folder.name)
        if named:
            return f"{named[1]}/{named[2]}"
    config = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        config.read(path / ".git" / "config", encoding="utf-8")
    except (configparser.Error, UnicodeError, OSError):
        return None
    address = _ADDRESS.search(config.get('remote "origin"', "url", fallback=""))
    return f"{address[1]}/{address[2]}" if address else None


def _cloned_revision(path: Path) -> str | None:
    """The commit that a clone has checked out."""
    git = path / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if head.startswith("ref: "):
            head = (git / head.removeprefix("ref: ")).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return None
    return head if _COMMIT.fullmatch(head) else None


def identify(find: Find, name: str | None = None) -> Entry:
    """Which model of the catalog this is; `name` is what the person calls it.

    Raises ModelUnknownError if the content does not tell, ModelInvalidError if it contradicts.
    """
    if name is not None:
        return _agreeing(entry(name), find)
    named = [known for known in catalog() if _is_named(known, find)]
    if named:
        return named[0]
    guess = _by_content(find.content)
    if guess is not None:
        return entry(guess)
    raise ModelUnknownError(
        "{path} is a model ({form}), but nothing in it tells which.",
        hint=_ROOT_HINT,
        path=find.content.path,
        form=FORM_NAMES[find.content.form] if find.content.form else "unknown",
    )


def _agreeing(named: Entry, find: Find) -> Entry:
    for known in family(named):
        if known.form == find.content.form:
            return known
    raise ModelInvalidError(
        "{path} is not {name}: its form is {found}, not {expected}.",
        hint="Choose the name that fits; stenograf models list shows them.",
        path=find.content.path,
        name=named.name,
        found=FORM_NAMES[find.content.form] if find.content.form else "unknown",
        expected=FORM_NAMES[named.form],
    )


def _is_named(known: Entry, find: Find) -> bool:
    """Whether its repository, file or folder is called as in the catalog."""
    if known.form != find.content.form:
        return False
    if find.repository is not None:
        return find.repository in (*known.repositories, *known.names)
    path = find.content.path
    tails = (repository.split("/")[1] for repository in known.repositories)
    return path.name in (*known.names, known.file if known.is_file else "", *tails)


def _by_content(content: Content) -> str | None:
    if content.form == "openai":
        return _whisper_name(content.path)
    if content.form == "torch":
        return _torch_name(weights_file(content.path))
    if content.form == "pipeline":
        text = (content.path / "config.yaml").read_text(encoding="utf-8", errors="replace")
        return "speaker-diarization-" + ("community-1" if "VBxClustering" in text else "3.1")
    if content.form == "npz" and (content.path / "plda").is_dir():
        return "community-1-plda"
    return None


def _whisper_name(path: Path) -> str | None:
    from stenograf.models.convert.alignment import official_name
    from stenograf.models.convert.whisper_dims import WhisperDims

    file = path if path.is_file() else next(iter(sorted(path.glob("*.pt"))))
    name = official_name(WhisperDims.of(read_checkpoint(file)["dims"]), file.stem)
    return f"{name}.pt" if name else None


def _torch_name(file: Path) -> str | None:
    weights = read_weights(file, "state_dict", "model_state")
    if "sincnet.wav_norm1d.weight" in weights and "classifier.weight" in weights:
        return "pyannote-segmentation-3.0" if weights.shape("classifier.weight")[0] == 7 else None
    return "pyannote-wespeaker" if "resnet.seg_1.weight" in weights else None


def weights_file(path: Path) -> Path:
    """The checkpoint itself, of a file or of a repository's folder."""
    if path.is_file():
        return path
    patterns = ("pytorch_model.bin", "*.pt", "*.bin")
    return next(file for pattern in patterns for file in sorted(path.glob(pattern)))
