"""Words grouped for reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from stenograf.core.transcript import Utterance, Word

MAX_GAP_S: Final = 1.5
MAX_DURATION_S: Final = 30.0

_SENTENCE_ENDS: Final = tuple(".!?…。！？؟۔।")
_CLOSING: Final = "\"'»”’)]}」』"


def ends_sentence(text: str) -> bool:
    """Whether a word closes a sentence, quotes and brackets aside.

    >>> ends_sentence("«да!»"), ends_sentence("да,")
    (True, False)
    """
    return text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def by_sentence(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Words up to and with one that ends a sentence; the last may lack its end."""
    sentence: list[Word] = []
    for word in words:
        sentence.append(word)
        if ends_sentence(word.text):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def utterances(
    words: Iterable[Word],
    *,
    max_gap_s: float = MAX_GAP_S,
    max_duration_s: float = MAX_DURATION_S,
) -> list[Utterance]:
    """Consecutive words of one speaker, in the order given; every word is in exactly one.

    A new utterance begins where the speaker changes, after more than `max_gap_s` seconds without a
    word, at the first sentence end after `max_duration_s` seconds, and after twice that time in
    any case (recognizers without punctuation), though never inside joined words.
    """
    found: list[Utterance] = []
    run: list[Word] = []
    heard_until = 0.0
    for word in words:
        if run and _breaks(run, word, heard_until, max_gap_s, max_duration_s):
            found.append(Utterance(run[0].speaker, tuple(run)))
            run = []
        heard_until = max(heard_until, word.span.end) if run else word.span.end
        run.append(word)
    if run:
        found.append(Utterance(run[0].speaker, tuple(run)))
    return found


def _breaks(
    run: list[Word], word: Word, heard_until: float, max_gap_s: float, max_duration_s: float
) -> bool:
    """Whether `word` begins a new utterance after the words of `run`."""
    if word.speaker != run[0].speaker or word.span.start - heard_until > max_gap_s:
        return True
    duration = heard_until - run[0].span.start
    if duration > max_duration_s and ends_sentence(run[-1].text):
        return True
    return duration > 2 * max_duration_s and not word.joined
