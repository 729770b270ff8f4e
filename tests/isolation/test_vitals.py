"""Which children are given up."""

from __future__ import annotations

import pytest

from stenograf.isolation.vitals import PATIENCE, Vitals

HANG_S = 10.0
BUSY, IDLE = 0.9, 0.0


def vitals_after(seconds: int, *, share: float, fraction_per_s: float) -> Vitals:
    """A child that beats each second, computes for a share of it, and says how far it is."""
    vitals = Vitals(HANG_S, now=0.0)
    for second in range(1, seconds + 1):
        vitals.beat(second, cpu_s=share * second)
        vitals.progress(second, fraction_per_s * second)
    return vitals


@pytest.mark.parametrize(
    ("share", "fraction_per_s", "lasts_s"),
    [(BUSY, 0.001, 1000), (IDLE, 0.001, 1000), (BUSY, 0.0, 20 * 10), (IDLE, 0.0, 10)],
    ids=["working", "waiting for a GPU", "computing without progress", "doing nothing"],
)
def test_signs_of_life_last(share: float, fraction_per_s: float, lasts_s: int) -> None:
    """Progress lasts for ever, computing for long, beats alone for the limit."""
    assert PATIENCE * HANG_S == 200
    vitals = vitals_after(lasts_s, share=share, fraction_per_s=fraction_per_s)
    assert not vitals.hangs(lasts_s)
    if lasts_s < 1000:
        later = vitals_after(lasts_s + 1, share=share, fraction_per_s=fraction_per_s)
        assert later.hangs(lasts_s + 1)


def test_silence_counts_whatever_was_computed_before() -> None:
    """A child whose beats stop is given up after the limit, however busy it was."""
    vitals = vitals_after(50, share=BUSY, fraction_per_s=0.01)
    assert not vitals.hangs(50 + HANG_S)
    assert vitals.hangs(51 + HANG_S)


def test_new_work_starts_the_clock() -> None:
    """A child that had nothing to do for long is not blamed for it."""
    vitals = vitals_after(500, share=IDLE, fraction_per_s=0.0)
    vitals.advanced(500)
    assert not vitals.hangs(505)
