"""Finds a model on this machine, and tells where it looked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stenograf.core.errors import ModelUnknownError
from stenograf.core.home import expanded
from stenograf.models.catalog import Entry, Task, entry, family
from stenograf.models.forms import FORM_NAMES, Content, Form, inspect
from stenograf.models.places import Kind, Place, Places
from stenograf.models.staging import recover

_SPEECH: tuple[Task, ...] = ("recognize", "align")
_ONLY_FOR: dict[Kind, bool] = {
    "whisper_cache_dir": True,
    "openai_cache": True,
    "pyannote_model_path": False,
}
"""Places that belong to speech (True) or to diarization (False); the others hold both."""

CONVERTED_FROM: Final[dict[Form, tuple[Form, ...]]] = {
    "ctranslate2": ("openai", "ggml"),
    "onnx": ("torch",),
}
"""Forms that `stenograf models convert` writes, and what it reads for them."""


@dataclass(frozen=True, slots=True)
class Located:
    """A model that an engine can open: `path` is what the engine gets."""

    name: str
    path: Path
    form: Form
    place: Place


@dataclass(frozen=True, slots=True)
class Look:
    """What one place had at one path; `entry` says which form of the model belongs there."""

    place: Place
    content: Content
    entry: Entry
    usable: bool

    @property
    def verdict(self) -> str:
        """One line for a person."""
        form = FORM_NAMES[self.content.form] if self.content.form else "not a model"
        if self.content.problem:
            return f"{form}, not usable: {self.content.problem}"
        if not self.usable:
            return f"{form}, which another engine reads ({self.entry.engine})"
        return form


@dataclass(frozen=True, slots=True)
class Story:
    """The whole search for one model: every place, everything found, and the winner."""

    entry: Entry
    places: tuple[Place, ...]
    looks: tuple[Look, ...]

    @property
    def winner(self) -> Located | None:
        """What the search settles on: the first usable find in the order of places."""
        for look in self.looks:
            form = look.content.form
            if look.usable and form is not None:
                path = engine_path(self.entry, look.content.path)
                return Located(self.entry.name, path, form, look.place)
        return None

    @property
    def other_form(self) -> Look | None:
        """The same model in a form that its engine cannot read, if that is all there is."""
        if self.winner is not None:
            return None
        unread = (look for look in self.looks if look.content.usable and not look.usable)
        return next(unread, None)

    @property
    def convertible(self) -> Look | None:
        """`other_form` where a conversion makes of it what the engine reads."""
        other = self.other_form
        forms = CONVERTED_FROM.get(self.entry.form, ())
        return other if other is not None and other.content.form in forms else None

    @property
    def broken(self) -> Look | None:
        """A find that would have won were it whole."""
        damaged = (look for look in self.looks if look.content.problem)
        return None if self.winner else next(damaged, None)


def locate(name: str, places: Places) -> Located | None:
    """The model of that name, alias or path as its engine wants it; None if it is not here.

    Raises ModelUnknownError if the name means nothing.
    """
    return where(name, places).winner


def where(name: str, places: Places) -> Story:
    """The story of the search for a model: what `stenograf models where` prints."""
    given = expanded(name)
    if is_path(name):
        return _at_path(given)
    subject = entry(name)
    recover(places.home)
    searched = tuple(place for place in places.in_order() if _searched(place, subject))
    looks = tuple(look for place in searched for look in _looks(place, subject))
    return Story(subject, searched, looks)


def installed_path(subject: Entry, places: Places) -> Path:
    """Where an installation puts the model; in the hub layout, the repository's folder."""
    if subject.in_hub_layout:
        return places.hub_cache / hub_folder(subject.repositories[0])
    return places.home / (subject.file if subject.is_file and subject.file else _folder(subject))


def folder_size(path: Path) -> int:
    """Bytes of a model on disk, a file or a folder with all it holds."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def hub_folder(repository: str) -> str:
    """The name of a repository's folder in the hub's cache.

    >>> hub_folder("Systran/faster-whisper-small")
    'models--Systran--faster-whisper-small'
    """
    return "models--" + repository.replace("/", "--")


def engine_path(subject: Entry, found: Path) -> Path:
    """What an engine gets for a model found at a path: one file of its folder, or all of it."""
    if subject.file and found.is_dir():
        return file_in(found, subject.file) or found / subject.file
    return found


def file_in(folder: Path, name: str) -> Path | None:
    """The file of that name, else the only one of its kind: people keep their own names."""
    named = folder / name
    if named.is_file():
        return named
    alike = [path for path in folder.glob(f"*{named.suffix}") if path.is_file()]
    return alike[0] if len(alike) == 1 else None


def is_path(name: str) -> bool:
    """Whether a model's name means what lies at that path.

    An existing file does, whatever the catalog calls so: who writes `medium.pt` beside a file of
    that name means the file. A folder does unless it is only called like a model.
    """
    given = expanded(name)
    if given.is_file() or not given.exists():
        return given.is_file()
    try:
        entry(name)
    except ModelUnknownError:
        return True
    return given.is_absolute() or name.startswith((".", "~"))  # else the name wins over a folder


def _at_path(path: Path) -> Story:
    place = Place("path", path.parent, "the path itself")
    content = inspect(path) or Content(path, None, "it is gone")
    subject = Entry(
        name=path.name,
        task="recognize",
        form=content.form or "ctranslate2",
        engine="",
        licence="",
        attribution="",
        size_mb=0,
    )
    return Story(subject, (place,), (Look(place, content, subject, content.usable),))


def _searched(place: Place, subject: Entry) -> bool:
    for_speech = _ONLY_FOR.get(place.kind)
    return for_speech is None or for_speech == (subject.task in _SPEECH)


def _looks(place: Place, subject: Entry) -> Iterator[Look]:
    for kin in family(subject):
        for path in _candidates(place, kin):
            content = inspect(path)
            if content is None or not _belongs(content, kin):
                continue
            usable = content.usable and content.form == subject.form
            if usable and subject.file and content.path.is_dir():
                usable = file_in(content.path, subject.file) is not None
            yield Look(place, content, kin, usable)


def _belongs(content: Content, kin: Entry) -> bool:
    """Whether a find tells about this entry: its own form, or something broken in its place."""
    return content.form == kin.form or content.form is None


def _candidates(place: Place, kin: Entry) -> Iterator[Path]:
    """Every path at which people and programs leave this model in a folder."""
    folder = place.folder
    names = [kin.file] if kin.is_file and kin.file else []
    names += [_folder(kin), *kin.aliases]
    for repository in kin.repositories:
        owner, _, tail = repository.partition("/")
        names += [hub_folder(repository), f"{owner}--{tail}", tail, repository]
    if kin.form == "onnx":
        names.append(f"{kin.name}.onnx")
    yield from dict.fromkeys(folder / name for name in names)
    if place.kind == "pyannote_model_path" and kin.form in ("pipeline", "torch"):
        yield folder  # people point the variable at the model itself as well as above it


def _folder(subject: Entry) -> str:
    return subject.name.replace("/", "--")
