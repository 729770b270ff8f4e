"""The guards by name, with the limits that benchmarks/guards.py chose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from stenograf.core.span import Span, union
from stenograf.guards.passage import Passage
from stenograf.guards.phrases import phrase_span, phrase_without_voice
from stenograf.guards.repetition import compressed_span, compression, loop_span, loops
from stenograf.guards.script import foreign_letters, foreign_span
from stenograf.guards.timing import (
    characters_per_second,
    hole_span,
    longest_hole,
    unvoiced_span,
    unvoiced_words,
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One question to a passage: the answer is a number, and above `limit` the guard objects.

    `where` is the part of the passage that the answer is about. `hears` says that the answer
    depends on where voice is beyond doubt.
    """

    name: str
    measure: Callable[[Passage], float]
    limit: float
    where: Callable[[Passage], Span]
    hears: bool = False

    def objects(self, passage: Passage) -> bool:
        """Whether something is wrong with the passage."""
        return self.measure(passage) > self.limit


def _whole(passage: Passage) -> Span:
    return passage.span


_GUARDS: Final = (
    Guard("coverage", longest_hole, 3.0, hole_span, hears=True),
    Guard("rate", characters_per_second, 29.0, _whole),
    Guard("repetition", loops, 6.0, loop_span),
    Guard("compression", compression, 2.9, compressed_span),
    Guard("language", foreign_letters, 0.7, foreign_span),
    Guard("phrase", phrase_without_voice, 0.5, phrase_span, hears=True),
    Guard("voice", unvoiced_words, 0.5, unvoiced_span, hears=True),
)

GUARDS: Final[Mapping[str, Guard]] = MappingProxyType({guard.name: guard for guard in _GUARDS})


def objections(passage: Passage, names: Collection[str] = tuple(GUARDS)) -> tuple[str, ...]:
    """The guards among `names` that object, in the order of `GUARDS`."""
    return tuple(name for name, guard in GUARDS.items() if name in names and guard.objects(passage))


def doubtful_parts(
    passage: Passage, reasons: Collection[str]
) -> list[tuple[Span, tuple[str, ...]]]:
    """Where the objections lie: disjoint parts in order, each with its reasons."""
    places = [(GUARDS[name].where(passage), name) for name in GUARDS if name in reasons]
    parts = union(span for span, _ in places)
    return [(part, tuple(name for span, name in places if _within(span, part))) for part in parts]


def _within(span: Span, part: Span) -> bool:
    return part.start <= span.start <= span.end <= part.end


def needs_voice(passage: Passage, names: Collection[str] = tuple(GUARDS)) -> bool:
    """Whether knowing where voice is could change what the guards say.

    Looking costs a hundredth of the block's time, so nobody looks where all is well: speech is
    covered by words, and the words would pass even if no voice were found.
    """
    hearing = [name for name in names if GUARDS[name].hears]
    unheard = (replace(passage, voice=None), replace(passage, voice=()))
    return any(objections(case, hearing) for case in unheard)
