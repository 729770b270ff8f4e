"""Small assignments against scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from stenograf.engines.diarization.assignment import NOBODY, assign_rows


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_columns=st.integers(1, 6))
def test_assignments_are_those_of_scipy(seed: int, n_columns: int) -> None:
    """Also with fewer columns than rows, and where some rows take no part."""
    rng = np.random.default_rng(seed)
    scores, taking = rng.random((5, 3, n_columns)), rng.random((5, 3)) < 0.7
    expected = np.full((5, 3), NOBODY)
    for table in range(5):
        rows = np.flatnonzero(taking[table])
        chosen, columns = linear_sum_assignment(scores[table, rows], maximize=True)
        expected[table, rows[chosen]] = columns
    np.testing.assert_array_equal(assign_rows(scores, taking), expected)
