"""The guards by name, with the limits that benchmarks/guards.py chose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from stenograf.guards.passage import Passage
from stenograf.guards.phrases import phrase_without_voice
from stenograf.guards.repetition import compression, loops
from stenograf.guards.script import foreign_letters
from stenograf.guards.timing import characters_per_second, longest_hole, unvoiced_words


@dataclass(frozen=True, slots=True)
class Guard:
    """One question to a passage: the answer is a number, and above `limit` the guard objects.

    `hears` says that the answer depends on where voice is beyond doubt.
    """

    name: str
    measure: Callable[[Passage], float]
    limit: float
    hears: bool = False

    def objects(self, passage: Passage) -> bool:
        """Whether something is wrong with the passage."""
        return self.measure(passage) > self.limit


_GUARDS: Final = (
    Guard("coverage", longest_hole, 4.0, hears=True),
    Guard("rate", characters_per_second, 30.0),
    Guard("repetition", loops, 6.0),
    Guard("compression", compression, 2.4),
    Guard("language", foreign_letters, 0.6),
    Guard("phrase", phrase_without_voice, 0.5, hears=True),
    Guard("voice", unvoiced_words, 0.5, hears=True),
)

GUARDS: Final[Mapping[str, Guard]] = MappingProxyType({guard.name: guard for guard in _GUARDS})


def objections(passage: Passage, names: Collection[str] = tuple(GUARDS)) -> tuple[str, ...]:
    """The guards among `names` that object, in the order of `GUARDS`."""
    return tuple(name for name, guard in GUARDS.items() if name in names and guard.objects(passage))


def needs_voice(passage: Passage, names: Collection[str] = tuple(GUARDS)) -> bool:
    """Whether knowing where voice is could change what the guards say.

    Looking costs a hundredth of the block's time, so nobody looks where all is well: speech is
    covered by words, and the words would pass even if no voice were found.
    """
    hearing = [name for name in names if GUARDS[name].hears]
    unheard = (replace(passage, voice=None), replace(passage, voice=()))
    return any(objections(case, hearing) for case in unheard)
