"""Who said each word, compared where both sides have the word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stenograf.core.transcript import Word
from stenograf.evaluate.scores import WordDiarizationScore
from stenograf.evaluate.text import TextRules
from stenograf.evaluate.words import align, in_order

_NOBODY = object()
"""No speaker is this one."""


class _Token(NamedTuple):
    text: str
    speaker: str | None


def wder(
    reference: Sequence[Word], hypothesis: Sequence[Word], *, text: TextRules | None = None
) -> WordDiarizationScore:
    """Word diarization error rate: the share of aligned words that carry the wrong speaker.

    WDER = (S_IS + C_IS) / (S + C) over substituted and correct words (El Shafey, Soltau and
    Shafran, "Joint Speech Recognition and Speaker Diarization via Sequence Transduction",
    Interspeech 2019). Deleted and inserted words do not count: read it beside the WER. Speakers
    are paired so that the fewest words are wrong; a word without a speaker is wrong.
    """
    rules = text or TextRules()
    truth, found = _tokens(reference, rules), _tokens(hypothesis, rules)
    pairs = align([token.text for token in truth], [token.text for token in found])
    together = Counter((truth[i].speaker, found[j].speaker) for i, j, _ in pairs)
    partner = _pair_speakers(together)
    wrong = [partner.get(found[j].speaker, _NOBODY) != truth[i].speaker for i, j, _ in pairs]
    counts = Counter((pair.same, bad) for pair, bad in zip(pairs, wrong, strict=True))
    return WordDiarizationScore(
        correct=counts[True, False] + counts[True, True],
        correct_wrong_speaker=counts[True, True],
        substituted=counts[False, False] + counts[False, True],
        substituted_wrong_speaker=counts[False, True],
        text=rules,
    )


def _tokens(words: Sequence[Word], rules: TextRules) -> list[_Token]:
    """Normalised words in time order; a joined word belongs to the word before."""
    written: list[_Token] = []
    for word in in_order(words):
        if word.joined and written:
            written[-1] = _Token(written[-1].text + word.text, written[-1].speaker)
        else:
            written.append(_Token(word.text, word.speaker))
    return [_Token(part, token.speaker) for token in written for part in rules.words(token.text)]


def _pair_speakers(together: Counter[tuple[str | None, str | None]]) -> dict[str | None, str]:
    """Reference speaker of each hypothesis speaker, one to one, sharing the most words."""
    from scipy.optimize import linear_sum_assignment

    named = {(i, j): n for (i, j), n in together.items() if i is not None and j is not None}
    truth = sorted({i for i, _ in named})
    found = sorted({j for _, j in named})
    shared = np.array([[named.get((i, j), 0) for j in found] for i in truth], dtype=np.int64)
    if not named:
        return {}
    rows, columns = linear_sum_assignment(shared, maximize=True)  # (n_pairs,), (n_pairs,)
    return {found[column]: truth[row] for row, column in zip(rows, columns, strict=True)}
