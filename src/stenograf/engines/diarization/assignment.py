"""The best assignment of a few rows to columns, for many small tables at once."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

NOBODY: Final = -2
"""The column of a row for which none is left."""


def assign_rows(scores: NDArray[np.float64], taking: NDArray[np.bool_]) -> NDArray[np.int_]:
    """A column for each row of each table, (n, n_rows): in a table no two rows share one.

    Of `scores` (n, n_rows, n_columns), none below zero, the sum is the largest that rows of
    `taking` (n, n_rows) can have; the other rows, and those for which no column is left, get
    NOBODY. Every possibility is tried, which is quick up to three rows: a row never needs a column
    worse than its best n_rows ones.
    """
    n, n_rows, n_columns = scores.shape
    n_best = min(n_rows, n_columns)
    columns = np.full((n, n_rows, n_best + 1), NOBODY, dtype=np.int_)
    columns[..., :n_best] = np.argsort(-scores, axis=-1, kind="stable")[..., :n_best]
    worth = np.zeros(columns.shape)
    worth[..., :n_best] = np.take_along_axis(scores, columns[..., :n_best], axis=-1)
    columns[~taking], worth[~taking] = NOBODY, 0.0
    chosen = np.full((n, n_rows), NOBODY, dtype=np.int_)
    most = np.full(n, -1.0)
    rows = np.arange(n_rows)
    for ranks in product(range(n_best + 1), repeat=n_rows):
        picked = columns[:, rows, ranks]  # (n, n_rows)
        total = worth[:, rows, ranks].sum(axis=1)
        better = (total > most) & _all_different(picked)
        chosen[better], most[better] = picked[better], total[better]
    return chosen


def _all_different(picked: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Whether no column was picked twice in a table, (n,)."""
    ordered = np.sort(picked, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != NOBODY)
    different: NDArray[np.bool_] = ~twice.any(axis=1)
    return different
