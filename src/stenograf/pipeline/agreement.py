"""Which of a recognizer's changing answers can be trusted already: words that it repeats."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from stenograf.core.transcript import Word

NEAR_S: Final = 1.0
"""How far a word may move from one answer to the next and still be the same."""

ROUNDING_S: Final = 1e-3  # sound is cut at samples

MOST_COMPARED: Final = 5
"""Words that show where an answer goes on from what is final."""


def plain(word: Word) -> str:
    """A word without what recognizers change their mind about most: case and punctuation.

    >>> from stenograf.core.span import Span
    >>> plain(Word(Span(0, 1), "Well,"))
    'well'
    """
    letters = "".join(character for character in word.text.casefold() if character.isalnum())
    return letters or word.text


def n_agreed(answers: Sequence[Sequence[Word]]) -> int:
    """How many first words all answers share (LocalAgreement-n, Macháček et al. 2023).

    >>> from stenograf.core.span import Span
    >>> said = [Word(Span(i, i + 1), text) for i, text in enumerate(["so", "it", "goes"])]
    >>> n_agreed([said, said[:2]]), n_agreed([])
    (2, 0)
    """
    if not answers:
        return 0
    together = zip(*answers, strict=False)
    return sum(1 for _ in takewhile(lambda words: len(set(map(plain, words))) == 1, together))


def n_known(answer: Sequence[Word], final: Sequence[Word], since_s: float = 0.0) -> int:
    """How many first words of an answer, made of the sound since `since_s`, are final already.

    The last final words in that sound are looked for around their time: an answer may have moved
    its words, and where a word is said twice, time decides which one it is. Without a match, time
    alone does.
    """
    if not final:
        return 0
    until_s = final[-1].span.end
    final = [word for word in final if word.span.end > since_s + ROUNDING_S]
    by_time = sum(1 for _ in takewhile(lambda word: word.span.middle <= until_s, answer))
    near = [n for n in range(1, len(answer) + 1) if abs(answer[n - 1].span.end - until_s) <= NEAR_S]
    matches = {n: _n_same(answer[:n], final) for n in near}
    best = max(matches.values(), default=0)
    if best == 0:
        return by_time
    return min((n for n in near if matches[n] == best), key=lambda n: (abs(n - by_time), n))


def _n_same(left: Sequence[Word], right: Sequence[Word]) -> int:
    """How many last words are the same, MOST_COMPARED at most."""
    pairs = zip(reversed(left[-MOST_COMPARED:]), reversed(right[-MOST_COMPARED:]), strict=False)
    return sum(1 for _ in takewhile(lambda pair: plain(pair[0]) == plain(pair[1]), pairs))
