"""Deciding that a child hangs, from the signs of life it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BUSY_SHARE: Final = 0.05
"""A child that computes less than this share of the time between two beats does nothing."""

PATIENCE: Final = 20
"""So many times the limit may pass without progress while the child does compute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a child may be without life, and without work; seconds.

    A child with work to do hangs when for `hang_s` it is silent or computes nothing, and when it
    computes for 20 times as long without any progress. After `idle_s` without work its process
    ends and gives the memory back; None keeps it.
    """

    hang_s: float = 120.0
    idle_s: float | None = 600.0


class Vitals:
    """What a child last showed; instants are seconds on any clock that never goes back."""

    def __init__(self, hang_s: float, now: float) -> None:
        self._hang_s = hang_s
        self._seen = self._busy = self._advanced = now
        self._cpu_s = 0.0
        self._fraction = 0.0

    def beat(self, now: float, cpu_s: float) -> None:
        """The child lives and has computed for `cpu_s` in all."""
        if cpu_s - self._cpu_s > BUSY_SHARE * (now - self._seen):
            self._busy = now
        self._seen, self._cpu_s = now, cpu_s

    def advanced(self, now: float) -> None:
        """The child got on with its work, or was given some."""
        self._busy = self._advanced = now

    def progress(self, now: float, fraction: float) -> None:
        """The child says how far it is; saying the same again is no progress."""
        if fraction != self._fraction:
            self._fraction = fraction
            self.advanced(now)

    def hangs(self, now: float) -> bool:
        """Whether a child with work to do should be given up.

        >>> vitals = Vitals(10.0, now=0.0)
        >>> vitals.beat(9.0, cpu_s=8.0)
        >>> vitals.hangs(18.0), vitals.hangs(20.0)
        (False, True)
        """
        quiet = now - min(self._seen, self._busy)
        return quiet > self._hang_s or now - self._advanced > PATIENCE * self._hang_s
