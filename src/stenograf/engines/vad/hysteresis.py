"""From speech probabilities to spans: two thresholds, shortest lengths, padding, longest length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import OptionError
from stenograf.core.span import Span, widen

Probabilities: TypeAlias = NDArray[np.float32]
"""Probability of speech per frame, shape (n_frames,)."""

Frames: TypeAlias = tuple[int, int]
"""Half-open range of frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VadOptions:
    """When sound counts as speech; times in seconds.

    Speech begins where the probability reaches `threshold` and ends where it falls below
    `neg_threshold` for at least `min_silence_s`. What is shorter than `min_speech_s` is dropped,
    the rest grows by `pad_s` on both sides and is cut at its least speech-like frames so that
    no span exceeds `max_speech_s`. With what recognizers add (engines/asr/packing.py) the defaults
    halve what the network's customary ones (0.5, 0.35, 0.1 s of padding) miss of meetings recorded
    on one microphone (benchmarks/vad_accuracy.py), and fit what Whisper hears at once.
    """

    threshold: float = 0.4
    neg_threshold: float = 0.25
    min_speech_s: float = 0.1
    min_silence_s: float = 0.5
    pad_s: float = 0.1
    max_speech_s: float = 29.5

    def __post_init__(self) -> None:
        if not 0.0 < self.neg_threshold <= self.threshold <= 1.0:
            raise OptionError("Thresholds must hold 0 < neg_threshold <= threshold <= 1.")
        if min(self.min_speech_s, self.min_silence_s, self.pad_s) < 0.0:
            raise OptionError("Voice activity times cannot be negative.")
        if self.max_speech_s < 2 * self.pad_s + 1.0:
            raise OptionError("The longest speech must exceed its padding by a second or more.")


BEYOND_DOUBT: Final = VadOptions(
    threshold=0.8, neg_threshold=0.6, min_speech_s=0.2, min_silence_s=0.3
)
"""What a witness takes for voice: benchmarks/guards.py says how often that is wrong."""


def speech_spans(
    probabilities: Probabilities, *, frame_s: float, duration: float, options: VadOptions
) -> list[Span]:
    """Sorted, disjoint spans inside [0, duration]; a cut span touches its neighbour.

    >>> p = np.array([0, 0, 1, 1, 1, 0, 0, 0], dtype=np.float32)
    >>> speech_spans(p, frame_s=0.5, duration=4.0, options=VadOptions(pad_s=0.25))
    [Span(start=0.75, end=2.75)]
    """
    runs = [
        run
        for run in _speech_runs(probabilities, options, frame_s)
        if (run[1] - run[0]) * frame_s >= options.min_speech_s
    ]
    longest = max(1, int((options.max_speech_s - 2 * options.pad_s) / frame_s))
    pieces = [piece for run in runs for piece in _cut(run, probabilities, longest)]
    spans = [
        Span(min(start * frame_s, duration), min(end * frame_s, duration)) for start, end in pieces
    ]
    padded = widen(spans, options.pad_s, Span(0.0, duration))
    return [span for span in padded if span.duration > 0.0]


def _speech_runs(
    probabilities: Probabilities, options: VadOptions, frame_s: float
) -> Iterator[Frames]:
    """Runs of speech frames: silences that are too short are bridged.

    Only frames at or above `threshold` (loud) and below `neg_threshold` (quiet) decide, so the
    walk goes from one deciding frame to the next instead of over every frame.
    """
    loud = np.flatnonzero(probabilities >= options.threshold)
    quiet = np.flatnonzero(probabilities < options.neg_threshold)
    n_frames = len(probabilities)
    start: int | None = None
    at = 0
    while at < n_frames:
        first_loud = _at_or_after(loud, at, n_frames)
        if start is None:
            if first_loud == n_frames:
                return
            start = at = first_loud
        silence = _at_or_after(quiet, at, n_frames)
        resumed = _at_or_after(loud, silence, n_frames)
        long_enough = (resumed - silence) * frame_s >= options.min_silence_s
        if resumed == n_frames or long_enough:
            yield start, silence if long_enough else n_frames
            start = None
        at = resumed


def _at_or_after(positions: NDArray[np.intp], frame: int, otherwise: int) -> int:
    """The first of the sorted `positions` not before `frame`."""
    index = int(np.searchsorted(positions, frame))
    return int(positions[index]) if index < len(positions) else otherwise


def _cut(run: Frames, probabilities: Probabilities, longest: int) -> Iterator[Frames]:
    """Pieces of at most `longest` frames, cut at the least speech-like frame of the second half."""
    start, end = run
    while end - start > longest:
        earliest = start + (longest + 1) // 2
        cut = earliest + int(np.argmin(probabilities[earliest : start + longest + 1]))
        yield start, cut
        start = cut
    yield start, end
