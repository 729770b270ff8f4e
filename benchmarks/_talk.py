"""Words inside known turns, and the mistakes a recognizer would make with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.span import Span, union
from stenograf.core.transcript import Turn, Word
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, sample_at
from stenograf.testing.meetings import Meeting, Voices, speech_spans

Seconds: TypeAlias = NDArray[np.float64]

WORD_S = 0.28  # median
WORD_LOG_DEVIATION = 0.45
SHORTEST_WORD_S, LONGEST_WORD_S = 0.08, 1.2
CHARACTER_S = 0.065
WORDS_PER_SENTENCE = 12
N_WORDS = 3000  # of the vocabulary; the n-th is drawn n times more rarely than the first
STRETCH_GAP_S = 1.0  # a longer pause of one speaker ends the sentence
PAUSE_S = 0.3
BACKCHANNEL_S = (0.3, 0.8)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as it was said, and by whom."""

    span: Span
    text: str
    speaker: str

    @property
    def word(self) -> Word:
        """The word of a reference transcript."""
        return Word(self.span, self.text, speaker=self.speaker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """How a recognizer's words differ from the truth; `severity` scales every time and rate.

    Word edges move by a normal deviation of `jitter_s`, all words of 30 s together by `drift_s`;
    runs of up to four words move by 0.2 to 0.6 s (`shift_rate` per word). At a pause the word
    after begins too early, at the end of the word before (`early_rate`), or the word before lasts
    until the word after (`late_rate`). Words said while others talk are lost (`lost_rate`),
    backchannels of under a second inside another's turn more often (`lost_backchannel_rate`), and
    full stops are missing (`no_stop_rate`). Our choice: published means for Whisper's word times
    lie between 0.05 and 0.3 s, distributions are not published.
    """

    severity: float = 1.0
    jitter_s: float = 0.05
    drift_s: float = 0.07
    shift_rate: float = 0.01
    early_rate: float = 0.3
    late_rate: float = 0.15
    lost_rate: float = 0.3
    lost_backchannel_rate: float = 0.5
    no_stop_rate: float = 0.1


def add_backchannels(meeting: Meeting, voices: Voices, *, per_minute: float, seed: int) -> Meeting:
    """Short sounds of others, 12 dB down at most, inside turns of more than 3 s."""
    rng = np.random.default_rng(seed)
    people = sorted({turn.speaker for turn in meeting.turns})
    samples, turns = meeting.samples.copy(), list(meeting.turns)
    for turn in meeting.turns:
        expected = per_minute / 60 * turn.span.duration
        if turn.span.duration < 3.0 or len(people) < 2 or rng.random() > expected:
            continue
        speaker = str(rng.choice([name for name in people if name != turn.speaker]))
        piece = _short_piece(voices[speaker], rng.uniform(*BACKCHANNEL_S), rng)
        start = turn.span.start + rng.uniform(1.0, turn.span.duration - 1.5)
        said = Span(start, start + len(piece) / SAMPLE_RATE_HZ)
        if any(other is not turn and other.span.gap(said) <= 0 for other in meeting.turns):
            continue
        at = sample_at(start)
        samples[at : at + len(piece)] += piece * np.float32(10 ** (-rng.uniform(3, 12) / 20))
        turns.append(Turn(said, speaker))
    clipped: Samples = np.clip(samples, -1.0, 1.0)
    return Meeting(clipped, tuple(sorted(turns, key=lambda turn: turn.span)))


def _short_piece(clips: Sequence[Samples], seconds: float, rng: np.random.Generator) -> Samples:
    clip = clips[int(rng.integers(len(clips)))]
    span = max(speech_spans(clip), key=lambda span: span.duration)
    start = span.start + rng.uniform(0.0, max(0.0, span.duration - seconds))
    return clip[sample_at(start) : sample_at(min(span.end, start + seconds))]


def say(turns: Sequence[Turn], *, seed: int) -> list[Spoken]:
    """Words that fill the turns, with a full stop where a sentence ends.

    Durations are log-normal (median 0.28 s), written lengths follow them, sentences have 12 words
    on average and end where their speaker stops for a second.
    """
    rng = np.random.default_rng(seed)
    vocabulary = ["".join(rng.choice(list("abdegiklmnoprstu"), 12)) for _ in range(N_WORDS)]
    words: list[Spoken] = []
    for speaker in sorted({turn.speaker for turn in turns}):
        spans = union(turn.span for turn in turns if turn.speaker == speaker)
        following = [*(later.start for later in spans[1:]), float("inf")]
        for span, after in zip(spans, following, strict=True):
            said = [
                Spoken(part, _text(vocabulary, part, rng), speaker) for part in _parts(span, rng)
            ]
            stops = rng.random(len(said)) < 1 / WORDS_PER_SENTENCE
            stops[-1] |= after - span.end > STRETCH_GAP_S
            words += [
                replace(word, text=f"{word.text}.") if stop else word
                for word, stop in zip(said, stops, strict=True)
            ]
    return sorted(words, key=lambda word: (word.span, word.speaker))


def _parts(span: Span, rng: np.random.Generator) -> Iterator[Span]:
    """Words that fill a span of speech one after the other."""
    lengths: list[float] = []
    while sum(lengths) < span.duration:
        drawn = WORD_S * float(np.exp(rng.normal(0.0, WORD_LOG_DEVIATION)))
        lengths.append(min(max(drawn, SHORTEST_WORD_S), LONGEST_WORD_S))
    edges = np.concatenate([[0.0], np.cumsum(lengths)])
    for start, end in pairwise(span.start + edges * span.duration / edges[-1]):
        yield Span(float(start), float(end))


def _text(vocabulary: Sequence[str], span: Span, rng: np.random.Generator) -> str:
    index = int(N_WORDS ** rng.random()) - 1  # Zipf: every octave of ranks equally often
    n_characters = max(1, round(span.duration / CHARACTER_S + rng.normal(0.0, 1.0)))
    return vocabulary[index][: min(12, n_characters)]


def recognize(
    said: Sequence[Spoken], mistakes: Mistakes, *, duration_s: float, seed: int
) -> list[tuple[int, Word]]:
    """The words a recognizer might write, each with the index of the word it stands for."""
    rng = np.random.default_rng(seed)
    kept = [i for i in range(len(said)) if rng.random() >= _lost(said, i, mistakes)]
    starts = np.array([said[i].span.start for i in kept])
    ends = np.array([said[i].span.end for i in kept])
    _stretch(starts, ends, mistakes, rng)
    blocks = (starts // 30.0).astype(int)
    drift = rng.normal(0.0, mistakes.drift_s * mistakes.severity, int(duration_s // 30) + 2)[blocks]
    deviation = mistakes.jitter_s * mistakes.severity
    moved = drift + _shifts(len(kept), mistakes, rng)
    starts = np.clip(starts + moved + rng.normal(0.0, deviation, len(kept)), 0.0, duration_s)
    ends = np.clip(ends + moved + rng.normal(0.0, deviation, len(kept)), 0.0, duration_s)
    ends = np.maximum(ends, starts + 0.02)
    no_stop = rng.random(len(kept)) < mistakes.no_stop_rate * mistakes.severity
    return [
        (i, Word(Span(float(a), float(b)), said[i].text.rstrip("." if bare else " ")))
        for i, a, b, bare in zip(kept, starts, ends, no_stop, strict=True)
    ]


def _lost(said: Sequence[Spoken], index: int, mistakes: Mistakes) -> float:
    word = said[index]
    around = said[max(0, index - 8) : index + 9]
    beside = [other for other in around if other.speaker != word.speaker]
    if not any(other.span.overlap(word.span) > 0 for other in beside):
        return 0.0
    own = union((other.span for other in around if other.speaker == word.speaker), max_gap=PAUSE_S)
    run = next(span for span in own if span.overlap(word.span) > 0)
    rate = mistakes.lost_backchannel_rate if run.duration < 1.0 else mistakes.lost_rate
    return min(0.9, rate * mistakes.severity)


def _stretch(starts: Seconds, ends: Seconds, mistakes: Mistakes, rng: np.random.Generator) -> None:
    """Words drawn over pauses, in place."""
    for i in range(1, len(starts)):
        before = float(ends[max(0, i - 8) : i].max())
        if starts[i] - before < PAUSE_S:
            continue
        drawn = rng.random() / max(mistakes.severity, 1e-9)
        if drawn < mistakes.early_rate:
            starts[i] = before
        elif drawn < mistakes.early_rate + mistakes.late_rate:
            ends[i - 1] = starts[i]


def _shifts(n_words: int, mistakes: Mistakes, rng: np.random.Generator) -> Seconds:
    """Seconds by which runs of words are misplaced, shape (n_words,)."""
    moved = np.zeros(n_words)
    for at in np.flatnonzero(rng.random(n_words) < mistakes.shift_rate * mistakes.severity):
        length = int(rng.integers(1, 5))
        moved[at : at + length] = rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 0.6)
    return moved
