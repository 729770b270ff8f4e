"""One sentence, one speaker: where a few doubtful words inside it go astray."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import fmean

from stenograf.attribution.reading import by_sentence
from stenograf.attribution.rules import RULES, AttributionRules
from stenograf.core.transcript import Word


def follow_sentences(words: Iterable[Word], rules: AttributionRules = RULES) -> list[Word]:
    """Give short, doubtful runs of other speakers to the one who says most of the sentence.

    A sentence lasts until a word that ends one (`ends_sentence`); its speaker says more than half
    of its words, else it stays as it is. So do words without a speaker and words whose speaker
    nobody measured. A word that changes hands keeps the doubt of its old speaker as confidence.
    Order and number of words stay.
    """
    return [word for sentence in by_sentence(words) for word in _one_voice(sentence, rules)]


def _one_voice(sentence: Sequence[Word], rules: AttributionRules) -> Iterator[Word]:
    said = Counter(word.speaker for word in sentence if word.speaker is not None)
    most, n_words = said.most_common(1)[0] if said else (None, 0)
    for speaker, run in groupby(sentence, key=lambda word: word.speaker):
        words = list(run)
        if 2 * n_words > len(sentence) and speaker not in {None, most} and _astray(words, rules):
            words = [_hand_over(word, most) for word in words]
        yield from words


def _astray(run: Sequence[Word], rules: AttributionRules) -> bool:
    if len(run) > rules.max_run_words:
        return False
    return fmean(_confidence(word) for word in run) < rules.max_run_confidence


def _confidence(word: Word) -> float:
    return 1.0 if word.speaker_confidence is None else word.speaker_confidence


def _hand_over(word: Word, speaker: str | None) -> Word:
    return replace(word, speaker=speaker, speaker_confidence=1.0 - _confidence(word))
