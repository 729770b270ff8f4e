"""Finished parts of a run, kept somewhere so that another run continues where this one ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from stenograf.core.ports import Recognition
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Word

Part = TypeVar("Part")


class Parts(Protocol):
    """Where finished parts are kept, by name."""

    def find(self, name: str, kind: type[Part]) -> Part | None:
        """The part of this kind; None where it was not kept or cannot be read any more."""
        ...

    def keep(self, name: str, part: object) -> None:
        """Keep it in the place of any older part of this name."""
        ...


class NoParts:
    """Parts that keeps nothing: each run begins at the beginning."""

    def find(self, name: str, kind: type[Part]) -> Part | None:
        """Nothing was kept."""
        return None

    def keep(self, name: str, part: object) -> None:
        """It is let go."""


@dataclass(frozen=True, slots=True)
class PartsOf:
    """Parts of one recording, engines and options; those of others are not found."""

    inner: Parts
    key: str

    def find(self, name: str, kind: type[Part]) -> Part | None:
        """The part of this kind; None where it was made otherwise."""
        return self.inner.find(f"{self.key}/{name}", kind)

    def keep(self, name: str, part: object) -> None:
        """Keep it beside the parts of others."""
        self.inner.keep(f"{self.key}/{name}", part)


@dataclass(frozen=True, slots=True)
class FoundSpeech:
    """Where anybody speaks."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class FoundLanguage:
    """What a recognizer found out besides words, as in Recognition."""

    language: str | None
    probability: float | None
    votes: Mapping[str, float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    @classmethod
    def of(cls, found: Recognition) -> FoundLanguage:
        """What a recognition says besides words so far."""
        return cls(
            found.language,
            found.language_probability,
            found.language_votes,
            tuple(found.notices),
        )


@dataclass(frozen=True, slots=True)
class FoundParty:
    """What is recognized by itself: a channel and its own speech, or None for the mix of all."""

    channel: int | None
    speech: tuple[Span, ...]
    language: FoundLanguage | None


@dataclass(frozen=True, slots=True)
class FoundParties:
    """All that is recognized by itself, at least one, in the order of channels."""

    parties: tuple[FoundParty, ...]


@dataclass(frozen=True, slots=True)
class HeardWords:
    """The words since the part before this one; nothing is missing up to `until_s`.

    `blocks` are those finished since then, where the engine tells them; `is_last` says that the
    whole recording was heard.
    """

    words: tuple[Word, ...]
    until_s: float
    is_last: bool
    blocks: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a recognizer said to one question."""

    words: tuple[Word, ...]
    language: FoundLanguage
