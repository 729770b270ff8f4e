"""Which utterances lie in suspect parts of a recording."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from stenograf.core.transcript import Suspect, Utterance, Word


def by_trust(
    utterances: Iterable[Utterance], suspects: Sequence[Suspect]
) -> Iterator[tuple[Utterance, bool]]:
    """Utterances cut where suspect parts begin and end, each with whether it lies in one.

    A word lies where its middle is. `suspects` are in order and do not overlap.
    """
    starts = [part.span.start for part in suspects]

    def is_suspect(word: Word) -> bool:
        index = bisect_right(starts, word.span.middle) - 1
        return index >= 0 and word.span.middle <= suspects[index].span.end

    for utterance in utterances:
        for suspect, words in groupby(utterance.words, key=is_suspect):
            yield Utterance(utterance.speaker, tuple(words)), suspect
