"""What was written of one block of speech, as the guards look at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Word

HEARS_NOBODY: Final = 0.6
"""An engine's probability of no speech that counts (openai/whisper, `no_speech_threshold`)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One block: `speech` was heard, `words` were written, both in time order.

    `languages` are the ISO 639 codes that may be written here; empty means any. `voice` says where
    somebody speaks beyond doubt, as a stricter detector finds; None means that nobody looked.
    """

    speech: tuple[Span, ...]
    words: tuple[Word, ...]
    languages: tuple[str, ...] = ()
    voice: tuple[Span, ...] | None = None

    @property
    def span(self) -> Span:
        """From the start of the first speech to the end of the last."""
        return Span(self.speech[0].start, self.speech[-1].end)

    @property
    def duration(self) -> float:
        """Seconds of speech."""
        return total_duration(self.speech)

    @property
    def sureness(self) -> float | None:
        """Mean probability of the words; None where nobody measured any."""
        return sureness(self.words)

    @property
    def heard_nobody(self) -> bool:
        """Whether the engine itself found it probable that nobody spoke."""
        return (no_speech(self.words) or 0.0) > HEARS_NOBODY


def sureness(words: Sequence[Word]) -> float | None:
    """Mean of the probabilities that were measured.

    >>> sureness([Word(Span(0, 1), "да", 0.5), Word(Span(1, 2), "нет")])
    0.5
    """
    return _mean(word.probability for word in words)


def no_speech(words: Sequence[Word]) -> float | None:
    """Mean of the engine's own probabilities that nobody spoke; None where it gave none."""
    return _mean(word.no_speech for word in words)


def _mean(measured: Iterable[float | None]) -> float | None:
    known = [value for value in measured if value is not None]
    return fmean(known) if known else None


def extent(words: Sequence[Word]) -> Span:
    """From the first word's start to the latest end; there is at least one word."""
    return Span(words[0].span.start, max(word.span.end for word in words))


def plain(text: str) -> str:
    """A word as it is compared: small letters and digits, without stress or punctuation.

    >>> plain("«Ёлки!»"), plain("I'm"), plain("...")
    ('елки', 'im', '')
    """
    return "".join(c for c in text.casefold() if c.isalnum()).replace("ё", "е")


def plain_words(words: Sequence[Word]) -> list[tuple[str, Word]]:
    """The words that hold a letter or a digit, with how they are compared."""
    return [(text, word) for word in words if (text := plain(word.text))]
