"""The formats of minutes by name; each one's code is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from stenograf.export.formats import FORMATS as TRANSCRIPT_FORMATS
from stenograf.export.formats import FileKind, named
from stenograf.messages import later
from stenograf.minutes.document import Minutes

_MODULES: Final = {
    "md": "paper.markdown",
    "txt": "paper.txt",
    "docx": "paper.docx",
    "json": "json",
}


@dataclass(frozen=True, slots=True)
class MinutesFormat(FileKind):
    """One way to write minutes; `suffix` keeps them apart from the transcript's own files.

    `module` has a function `render(minutes, lang) -> bytes`.
    """

    def render(self, minutes: Minutes, *, lang: str | None = None) -> bytes:
        """The whole file, its headings in `lang`, by default in the language of the meeting."""
        return cast("bytes", import_module(self.module).render(minutes, lang))


def _format(name: str, description: str) -> MinutesFormat:
    of_transcript = TRANSCRIPT_FORMATS[name]
    return MinutesFormat(
        name,
        f".minutes{of_transcript.suffix}",
        of_transcript.media_type,
        description,
        f"stenograf.minutes.{_MODULES[name]}",
        of_transcript.is_text,
    )


_FORMATS: Final = (
    _format("md", later("Markdown with a table of tasks.")),
    _format("txt", later("Plain text for a message.")),
    _format("docx", later("Document for Word and LibreOffice, to sign and send.")),
    _format("json", later("The whole minutes; can be read back.")),
)

FORMATS: Final[Mapping[str, MinutesFormat]] = MappingProxyType({f.name: f for f in _FORMATS})


def format_named(name: str) -> MinutesFormat:
    """The format of this name; raises OptionError for one that nobody knows."""
    return named(name, FORMATS)


def render(minutes: Minutes, format_name: str, *, lang: str | None = None) -> bytes:
    """The minutes as a file of the format; raises OptionError for an unknown name."""
    return format_named(format_name).render(minutes, lang=lang)
