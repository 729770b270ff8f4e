"""Which speaker said a word."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from stenograf.attribution.floor import Piece, floor
from stenograf.attribution.reading import ends_sentence
from stenograf.attribution.rules import RULES, AttributionRules
from stenograf.attribution.sentences import follow_sentences
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word

BASE_DURATION_S: Final = 0.4
DURATION_PER_CHARACTER_S: Final = 0.12  # twice as slow as careful speech
NEAREST_CONFIDENCE: Final = 0.5


def attribute_words(
    words: Iterable[Word], turns: Iterable[Turn], *, rules: AttributionRules = RULES
) -> list[Word]:
    """Give each word the speaker who has the floor longest during it.

    Ties go to the speaker whose turn comes first. A word that no turn touches takes the nearest
    turn within `rules.max_gap_s` seconds (the earlier of two at one distance), else it keeps
    speaker=None: silence is not evidence. Last, a doubtful word follows the sentence it stands in
    (`follow_sentences`).

    `speaker_confidence` is the share of the word's time during which the speaker has the floor,
    each instant divided by the number of people talking; for a word that only lies near a turn it
    falls from 0.5 to 0 over that limit. Order and number of words stay.
    """
    stage = _Stage.of(floor(turns))
    attributed = []
    previous: Word | None = None
    for word in words:
        span = plausible_span(word, previous) if rules.shorten else word.span
        speaker, confidence = stage.loudest(span) or stage.nearest(span, rules.max_gap_s)
        attributed.append(replace(word, speaker=speaker, speaker_confidence=confidence))
        previous = word
    return follow_sentences(attributed, rules)


def plausible_span(word: Word, previous: Word | None) -> Span:
    """The part of a word's time in which it was probably said.

    Recognizers stretch words over pauses. As in openai-whisper's `timing.py`, a word that begins
    a sentence was said at the end of its time, any other at the start.

    >>> plausible_span(Word(Span(1.0, 9.0), "нет"), Word(Span(0.0, 1.0), "да"))
    Span(start=1.0, end=1.76)
    """
    longest = BASE_DURATION_S + DURATION_PER_CHARACTER_S * len(word.text)
    if word.span.duration <= longest:
        return word.span
    if previous is None or ends_sentence(previous.text):
        return Span(word.span.end - longest, word.span.end)
    return Span(word.span.start, word.span.start + longest)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Pieces of the floor, disjoint and in order, with their edges to bisect."""

    pieces: Sequence[Piece]
    starts: Sequence[float] = field(repr=False)
    ends: Sequence[float] = field(repr=False)

    @classmethod
    def of(cls, pieces: Iterator[Piece]) -> _Stage:
        known = list(pieces)
        return cls(known, [p.span.start for p in known], [p.span.end for p in known])

    def loudest(self, span: Span) -> tuple[str, float] | None:
        """The speaker with the largest summed time in the span, and how sure that is."""
        heard: dict[str, float] = {}  # in order of first piece, so that max() favours the earlier
        shared: dict[str, float] = {}
        first, last = bisect_right(self.ends, span.start), bisect_left(self.starts, span.end)
        for piece in self.pieces[first:last]:
            seconds = piece.span.overlap(span)
            speaker = piece.turn.speaker
            heard[speaker] = heard.get(speaker, 0.0) + seconds
            shared[speaker] = shared.get(speaker, 0.0) + seconds / piece.n_speakers
        if not heard or span.duration <= 0:
            return None
        speaker = max(heard, key=heard.__getitem__)
        return speaker, min(1.0, shared[speaker] / span.duration)

    def nearest(self, span: Span, max_gap_s: float) -> tuple[str | None, float | None]:
        """The speaker of the nearest piece within the limit."""
        index = bisect_right(self.starts, span.start)
        around = self.pieces[max(0, index - 1) : index + 1]
        piece = min(around, key=lambda piece: piece.span.gap(span), default=None)
        if piece is None or (gap := piece.span.gap(span)) > max_gap_s:
            return None, None
        closeness = 1.0 - gap / max_gap_s if max_gap_s > 0 else 1.0
        return piece.turn.speaker, NEAREST_CONFIDENCE * closeness
