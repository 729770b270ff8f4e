"""From frames to the times of words: every word gets one, and none is longer than it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.span import Span
from stenograf.engines.align.spelling import Spelling, is_spoken
from stenograf.engines.align.viterbi import Frames, LogProbabilities, Silence

Seconds: TypeAlias = NDArray[np.float64]

# Our choice, generous: a drawn "well" takes a second, "1998" two and a half.
SLOWEST_START_S: Final = 0.5
SLOWEST_LETTER_S: Final = 0.25
SLOWEST_SIGN_S: Final = 0.6
"""A digit or a sign such as %: a word by itself."""

LINGER_S: Final = 0.1
"""A CTC model names a letter where it becomes sure of it; the last sound goes on a little."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a model makes of a stretch of sound, in frames of `step_s` seconds."""

    voice: LogProbabilities
    silence: Silence
    step_s: float


def longest_s(text: str) -> float:
    """How long a word can take at most, in seconds.

    >>> longest_s("well"), longest_s("7")
    (1.5, 1.1)
    """
    spoken = [character for character in text if is_spoken(character)]
    letters = sum(character.isalpha() for character in spoken)
    signs = len(spoken) - letters
    return SLOWEST_START_S + letters * SLOWEST_LETTER_S + signs * SLOWEST_SIGN_S


def word_spans(
    texts: Sequence[str], spelling: Spelling, frames: Frames, hearing: Hearing
) -> list[Span]:
    """When each word is said, in seconds from the first frame, in order and without overlap.

    Words without symbols, such as a lone dash, share the gap between their neighbours.
    """
    spans: list[Span | None] = [None] * len(texts)
    edges_s: Seconds = frames.astype(np.float64) * hearing.step_s
    ends_s = _lingering(frames, hearing) * hearing.step_s
    for owner, group in groupby(range(len(frames)), key=lambda i: spelling.owners[i]):
        rows = list(group)
        limit_s = longest_s(texts[owner])
        first, last = _densest(edges_s[rows], limit_s)
        start_s, end_s = float(edges_s[rows[first], 0]), float(ends_s[rows[last]])
        spans[owner] = Span(start_s, min(end_s, start_s + limit_s))
    return _filled(spans, texts)


def _densest(edges_s: Seconds, limit_s: float) -> tuple[int, int]:
    """First and last symbol of the run within `limit_s` that holds the most symbols.

    `edges_s` are starts and ends, shape (n_symbols, 2).
    """
    within = np.searchsorted(edges_s[:, 1], edges_s[:, 0] + limit_s, side="right") - 1
    last = np.maximum(within, np.arange(len(edges_s)))
    first = int(np.argmax(last - np.arange(len(edges_s))))
    return first, int(last[first])


def _lingering(frames: Frames, hearing: Hearing) -> Seconds:
    """The frame in which each symbol has faded away, at most the one in which the next begins.

    A symbol between words, where the model has one, says that the word is over.
    """
    voice, silence = hearing.voice, hearing.silence
    following = np.append(frames[1:, 0], len(voice))
    ends: Seconds = np.minimum(following, frames[:, 1] + LINGER_S / hearing.step_s)
    if silence.between_words is not None:
        parted = voice[:, silence.between_words] > voice[:, silence.blank]
        for i, (after, until) in enumerate(zip(frames[:, 1], following, strict=True)):
            gap = parted[after:until]
            ends[i] = min(ends[i], after + gap.argmax()) if gap.any() else ends[i]
    return ends


def _filled(spans: Sequence[Span | None], texts: Sequence[str]) -> list[Span]:
    """The same with a time for everybody; nobody had one: all get an empty span at the start."""
    filled: list[Span] = []
    for known, group in groupby(range(len(spans)), key=lambda i: spans[i] is not None):
        run = list(group)
        if known:
            filled += [span for span in (spans[i] for i in run) if span is not None]
            continue
        after = spans[run[-1] + 1] if run[-1] + 1 < len(spans) else None
        edge = filled[-1].end if filled else after.start if after else 0.0
        room = (after.start - edge if after else 0.0) / len(run)
        for i in run:
            edge = filled[-1].end if filled else edge
            filled.append(Span(edge, edge + min(room, longest_s(texts[i]))))
    return filled
