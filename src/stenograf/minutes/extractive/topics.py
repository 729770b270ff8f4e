"""Where a meeting turns to something else: the cut under which its words are most probable.

Utiyama and Isahara, "A Statistical Model for Domain-Independent Text Segmentation", ACL 2001: each
topic draws its words from its own distribution, estimated from it with Laplace's rule, and each
topic costs something; dynamic programming finds the cheapest cut.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Final

from stenograf.minutes.reading import Sentence

UNIT_WORDS: Final = 10
"""Telling words between two places where a topic may begin, at least."""

MOST_UNITS: Final = 300
"""Time grows with the square of the units: those of a long meeting are longer."""

SHORTEST_S: Final = 180.0
"""No topic is shorter..."""

MOST_TOPICS: Final = 30
"""...nor are there more topics than anybody reads."""

PRICE: Final = 5.0
"""What a topic costs, in the paper's log of the number of words.

The paper draws words one by one, but people who talk about one thing repeat what they just said:
hence the price, and a word counts once in each unit (docs/minutes.md has the measurement).
"""


@dataclass(frozen=True, slots=True)
class _Unit:
    """Some utterances: the first sentence, when it begins, and the telling stems, each once."""

    sentence: int
    start: float
    words: Set[str]


def boundaries(sentences: Sequence[Sentence], terms: Sequence[Sequence[str]]) -> list[int]:
    """The sentences that begin a new topic, in order; `terms` are the telling stems of each."""
    if not sentences:
        return []
    end = max(sentence.source.span.end for sentence in sentences)
    shortest = max(SHORTEST_S, (end - sentences[0].source.span.start) / MOST_TOPICS)
    units = list(_units(sentences, terms))
    before = _cheapest(units, end, shortest)
    found = []
    place = before[len(units)]
    while place > 0:
        found.append(units[place].sentence)
        place = before[place]
    return found[::-1]


def _units(sentences: Sequence[Sentence], terms: Sequence[Sequence[str]]) -> Iterator[_Unit]:
    enough = max(UNIT_WORDS, sum(map(len, terms)) // MOST_UNITS)
    first, n_words = 0, 0
    for index in range(len(sentences) + 1):
        ends = index == len(sentences) or (
            n_words >= enough and sentences[index].utterance != sentences[index - 1].utterance
        )
        if ends:
            words = frozenset(term for said in terms[first:index] for term in said)
            yield _Unit(first, sentences[first].source.span.start, words)
            first, n_words = index, 0
        n_words += len(terms[index]) if index < len(terms) else 0


def _cheapest(units: Sequence[_Unit], end: float, shortest: float) -> list[int]:
    """For each number of units, how many of them lie before the last topic of the best cut.

    No topic is shorter than `shortest` seconds, unless it is the only one.
    """
    n_distinct = len({word for unit in units for word in unit.words})
    price = PRICE * math.log(1 + sum(len(unit.words) for unit in units))
    ends = [*(unit.start for unit in units[1:]), end]
    costs = [0.0, *[math.inf] * len(units)]
    before = [0] * (len(units) + 1)
    for first, unit in enumerate(units):
        if math.isinf(costs[first]):
            continue
        for last, cost in enumerate(_costs(units[first:], n_distinct), start=first + 1):
            whole = first == 0 and last == len(units)
            if ends[last - 1] - unit.start < shortest and not whole:
                continue
            if costs[first] + cost + price < costs[last]:
                costs[last], before[last] = costs[first] + cost + price, first
    return before


def _costs(units: Sequence[_Unit], n_distinct: int) -> Iterator[float]:
    """Minus the log probability of the first unit's words as one topic, of the first two's, ..."""
    counts: Counter[str] = Counter()
    n_words, told = 0, 0.0
    for unit in units:
        for word in unit.words:
            n = counts[word]
            counts[word] = n + 1
            told += _more(n)
        n_words += len(unit.words)
        yield n_words * math.log(n_words + n_distinct) - told if n_words else 0.0


@cache
def _more(n: int) -> float:
    """What the n-th repetition of a word adds: with Laplace's rule, n words count n log(n + 1)."""
    return (n + 1) * math.log(n + 2) - n * math.log(n + 1)
