"""Older documents brought to the present format, one version at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field

from stenograf.attribution import speakers_heard
from stenograf.core.transcript import FORMAT_VERSION, Turn, Word
from stenograf.export.schema import MAX_WORDS, Name, Part, Share, Text, Timed

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


class _Word0(Timed):
    word: Text
    speaker: Name | None = None
    conf: Share | None = None


class _Segment0(Timed):
    speaker: Name


class _Document0(Part):
    """The draft before the first release: `file` and `segments`, no list of speakers."""

    format_version: int
    file: Name
    duration: Annotated[float, Field(ge=0, le=1e9)]
    language: Name | None = None
    words: Annotated[list[_Word0], Field(max_length=MAX_WORDS, default_factory=list)]
    segments: Annotated[list[_Segment0], Field(max_length=MAX_WORDS, default_factory=list)]


def _from_0(document: dict[str, Any]) -> dict[str, Any]:
    old = _Document0.model_validate(document)
    heard = speakers_heard(
        (Word(word.span, word.word, speaker=word.speaker) for word in old.words),
        (Turn(turn.span, turn.speaker) for turn in old.segments),
    )
    return {
        "format_version": 1,
        "recording": {"name": old.file, "duration": old.duration},
        "language": old.language,
        "speakers": [{"id": speaker.id} for speaker in heard],
        "words": [
            {
                "start": word.start,
                "end": word.end,
                "text": word.word,
                "speaker": word.speaker,
                "probability": word.conf,
            }
            for word in old.words
        ],
        "turns": [turn.model_dump() for turn in old.segments],
    }


def _from_1(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 added `suspects`, `suspect` of utterances, and `language_votes`: all optional."""
    return {**document, "format_version": 2}


def _from_2(document: dict[str, Any]) -> dict[str, Any]:
    """Version 3 added `language` of words and utterances, optional."""
    return {**document, "format_version": 3}


MIGRATIONS: Final[tuple[Migration, ...]] = (_from_0, _from_1, _from_2)
"""The migration at index n makes version n + 1 of version n."""


def migrated(document: dict[str, Any]) -> dict[str, Any]:
    """The document in the present format; `format_version` must be one that exists.

    Raises pydantic's ValidationError when an old document is not what its version promises.
    """
    for migrate in MIGRATIONS[document["format_version"] : FORMAT_VERSION]:
        document = migrate(document)
    return document
