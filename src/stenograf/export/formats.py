"""The formats by name; each one's code is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, TypeVar, cast

from stenograf.core.errors import OptionError
from stenograf.core.transcript import Transcript


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file.

    `suffix` starts with a dot; `is_text` says that the bytes are UTF-8 text; `module` is the full
    name of the one that writes it.
    """

    name: str
    suffix: str
    media_type: str
    description: str
    module: str
    is_text: bool = True


@dataclass(frozen=True, slots=True)
class Format(FileKind):
    """One way to write a transcript; `module` has a function `render(transcript) -> bytes`."""

    def render(self, transcript: Transcript) -> bytes:
        """The whole file."""
        return cast("bytes", import_module(self.module).render(transcript))


Kind = TypeVar("Kind", bound=FileKind)

_HERE: Final = "stenograf.export"
_FORMATS: Final = (
    Format("txt", ".txt", "text/plain", "Text with times and speakers.", f"{_HERE}.txt"),
    Format("md", ".md", "text/markdown", "Markdown with times and speakers.", f"{_HERE}.markdown"),
    Format(
        "json",
        ".json",
        "application/json",
        "The whole document; can be read back.",
        f"{_HERE}.json",
    ),
    Format("srt", ".srt", "application/x-subrip", "SubRip subtitles.", f"{_HERE}.srt"),
    Format("vtt", ".vtt", "text/vtt", "WebVTT subtitles with voices.", f"{_HERE}.vtt"),
    Format("csv", ".csv", "text/csv", "Table of utterances for spreadsheets.", f"{_HERE}.csv"),
    Format(
        "tsv",
        ".tsv",
        "text/tab-separated-values",
        "Table of utterances for scripts.",
        f"{_HERE}.tsv",
    ),
    Format(
        "rttm", ".rttm", "text/plain", "Speaker turns, as diarization tools score.", f"{_HERE}.rttm"
    ),
    Format(
        "ctm", ".ctm", "text/plain", "Words with times, as recognition tools score.", f"{_HERE}.ctm"
    ),
    Format(
        "textgrid", ".TextGrid", "text/plain", "Tiers per speaker for Praat.", f"{_HERE}.textgrid"
    ),
    Format("eaf", ".eaf", "text/xml", "Tiers per speaker for ELAN.", f"{_HERE}.eaf"),
    Format(
        "docx",
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Document for Word and LibreOffice.",
        f"{_HERE}.docx",
        is_text=False,
    ),
)

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({f.name: f for f in _FORMATS})


def format_named(name: str) -> Format:
    """The format of this name; raises OptionError for one that nobody knows."""
    return named(name, FORMATS)


def named(name: str, known: Mapping[str, Kind]) -> Kind:
    """The kind of file of this name among those known; raises OptionError for any other."""
    try:
        return known[name]
    except KeyError:
        raise OptionError(
            "There is no format {name}.",
            hint="Choose one of {known}.",
            name=name,
            known=", ".join(known),
        ) from None


def render(transcript: Transcript, format_name: str) -> bytes:
    """The transcript as a file of the format; raises OptionError for an unknown name."""
    return format_named(format_name).render(transcript)
