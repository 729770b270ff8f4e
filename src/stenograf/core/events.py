"""What happens while a recording is worked on: one tagged union, from engine to page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from stenograf.core.transcript import Notice, Transcript, Word

Stage = Literal[
    "install", "decode", "detect", "recognize", "align", "diarize", "attribute", "export", "minutes"
]


@dataclass(frozen=True, slots=True)
class Progress:
    """A stage has finished `fraction` of its work, in [0, 1]; 0.0 starts it and 1.0 ends it."""

    type: ClassVar[str] = "progress"
    stage: Stage
    fraction: float


@dataclass(frozen=True, slots=True)
class WordsReady:
    """Words as they are recognized, in time order, before speakers are known."""

    type: ClassVar[str] = "words"
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something the user should know now; the document will hold it too."""

    type: ClassVar[str] = "notice"
    notice: Notice


@dataclass(frozen=True, slots=True)
class Finished:
    """The document is complete."""

    type: ClassVar[str] = "finished"
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Failed:
    """The work ended without a document; texts are English, `code` is stable."""

    type: ClassVar[str] = "failed"
    code: str
    message: str
    hint: str


Event: TypeAlias = Progress | WordsReady | NoticeRaised | Finished | Failed
