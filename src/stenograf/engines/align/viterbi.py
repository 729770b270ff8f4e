"""The best way of known symbols through the frames of a CTC model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

LogProbabilities: TypeAlias = NDArray[np.float32]
"""Natural logarithms of the probability of each symbol in each frame, (n_frames, n_symbols)."""

Frames: TypeAlias = NDArray[np.int64]
"""First frame and frame after the last of each symbol, shape (n, 2)."""

ANYTHING: Final = -1
"""Stands for sounds that the vocabulary has no symbol for, a number said in words for example."""

ANYTHING_COSTS: Final = 0.3
"""Per frame, against the likeliest symbol: silence stays silence, known symbols stay theirs."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What may lie between symbols: CTC's blank and, between words, a symbol of its own."""

    blank: int
    between_words: int | None = None


def best_frames(
    probabilities: LogProbabilities,
    symbols: Sequence[int],
    begins_word: Sequence[bool],
    silence: Silence,
) -> Frames | None:
    """Where each symbol lies on the likeliest path that says all of them in order.

    Connectionist temporal classification (Graves et al. 2006): a symbol lasts one frame or more,
    silence may lie anywhere and must lie between equal neighbours. `begins_word` says before which
    symbols the silence is one between words. None when there are too few frames. Takes
    O(n_frames * n_symbols) time and as many bytes.
    """
    if not symbols:
        return np.empty((0, 2), dtype=np.int64)
    columns, skips = _states(symbols, begins_word, probabilities.shape[1])
    scored = _with_columns(probabilities, silence)
    path = _best_path(scored, columns, skips)
    return None if path is None else _frames(path, len(symbols))


def _with_columns(probabilities: LogProbabilities, silence: Silence) -> LogProbabilities:
    """Three columns more: silence inside words, between words, and anything."""
    blank = probabilities[:, silence.blank]
    between = blank
    if silence.between_words is not None:
        between = np.maximum(blank, probabilities[:, silence.between_words])
    anything = probabilities.max(axis=1) - np.float32(ANYTHING_COSTS)
    return np.column_stack([probabilities, blank, between, anything])


def _states(
    symbols: Sequence[int], begins_word: Sequence[bool], n_symbols: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The column that each state is scored by, and whether the silence before it may be left out.

    States alternate: silence, symbol, silence, ..., silence; shape (2 * n + 1,).
    """
    inside, between, anything = n_symbols, n_symbols + 1, n_symbols + 2
    said = np.array([anything if symbol == ANYTHING else symbol for symbol in symbols])
    columns = np.empty(2 * len(said) + 1, dtype=np.int64)
    columns[1::2] = said
    columns[0:-1:2] = np.where(begins_word, between, inside)
    columns[-1] = between
    skips = np.zeros(len(columns), dtype=np.bool_)
    skips[3::2] = said[1:] != said[:-1]
    return columns, skips


def _best_path(
    scored: LogProbabilities, columns: NDArray[np.int64], skips: NDArray[np.bool_]
) -> NDArray[np.int64] | None:
    """The state of each frame, shape (n_frames,)."""
    n_frames, n_states = len(scored), len(columns)
    never = np.float32(-np.inf)
    score = np.full(n_states + 2, never)  # two states before the first, which nothing comes from
    score[2:4] = scored[0, columns[:2]]
    came = np.zeros((n_frames, n_states), dtype=np.int8)  # by how many states each frame went on
    forbidden = np.where(skips, np.float32(0.0), never)
    for t in range(1, n_frames):
        stay, step, skip = score[2:], score[1:-1], score[:-2] + forbidden
        best = np.maximum(stay, step)
        came[t] = stay < step
        came[t][skip > best] = 2
        score[2:] = np.maximum(best, skip) + scored[t, columns]
    last = n_states - 1 if score[-1] >= score[-2] else n_states - 2
    if score[2 + last] == never:
        return None
    path = np.empty(n_frames, dtype=np.int64)
    for t in range(n_frames - 1, -1, -1):
        path[t] = last
        last -= int(came[t, last])
    return path


def _frames(path: NDArray[np.int64], n_symbols: int) -> Frames:
    states = 2 * np.arange(n_symbols) + 1
    first = np.searchsorted(path, states, side="left")
    after = np.searchsorted(path, states, side="right")
    return np.column_stack([first, after])
