"""The formats by name; each one's code is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from stenograf.core.errors import OptionError
from stenograf.core.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a transcript.

    `suffix` starts with a dot; `is_text` says that the bytes are UTF-8 text; `module` has a
    function `render(transcript) -> bytes`.
    """

    name: str
    suffix: str
    media_type: str
    description: str
    module: str
    is_text: bool = True

    def render(self, transcript: Transcript) -> bytes:
        """The whole file."""
        writer = import_module(f"stenograf.export.{self.module}")
        return cast("bytes", writer.render(transcript))


_FORMATS: Final = (
    Format("txt", ".txt", "text/plain", "Text with times and speakers.", "txt"),
    Format("md", ".md", "text/markdown", "Markdown with times and speakers.", "markdown"),
    Format("json", ".json", "application/json", "The whole document; can be read back.", "json"),
    Format("srt", ".srt", "application/x-subrip", "SubRip subtitles.", "srt"),
    Format("vtt", ".vtt", "text/vtt", "WebVTT subtitles with voices.", "vtt"),
    Format("csv", ".csv", "text/csv", "Table of utterances for spreadsheets.", "csv"),
    Format("tsv", ".tsv", "text/tab-separated-values", "Table of utterances for scripts.", "tsv"),
    Format("rttm", ".rttm", "text/plain", "Speaker turns, as diarization tools score.", "rttm"),
    Format("ctm", ".ctm", "text/plain", "Words with times, as recognition tools score.", "ctm"),
    Format("textgrid", ".TextGrid", "text/plain", "Tiers per speaker for Praat.", "textgrid"),
    Format("eaf", ".eaf", "text/xml", "Tiers per speaker for ELAN.", "eaf"),
    Format(
        "docx",
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Document for Word and LibreOffice.",
        "docx",
        is_text=False,
    ),
)

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({f.name: f for f in _FORMATS})


def format_named(name: str) -> Format:
    """The format of this name; raises OptionError for one that nobody knows."""
    try:
        return FORMATS[name]
    except KeyError:
        raise OptionError(
            "There is no format {name}.",
            hint="Choose one of {known}.",
            name=name,
            known=", ".join(FORMATS),
        ) from None


def render(transcript: Transcript, format_name: str) -> bytes:
    """The transcript as a file of the format; raises OptionError for an unknown name."""
    return format_named(format_name).render(transcript)
