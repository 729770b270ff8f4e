"""How many wrong blocks do the guards catch, and how many right ones?

    python -m benchmarks.guards ASSETS

Cases of text with made times (English and Russian) and blocks that real engines wrote of real
recordings and made sounds. Half of each kind chooses the limits (`--choose`), the table is of the
other half.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import sqrt
from pathlib import Path

import numpy as np

from benchmarks._guard_cases import Case, made_cases
from benchmarks._guard_sounds import sound_cases
from stenograf.guards import GUARDS, Guard, objections

SPARE = 1.05  # above the largest right value where right and wrong ones cannot be told apart


def suggested(guard: Guard, cases: Sequence[Case]) -> tuple[float, float, float]:
    """The largest value of right cases, the first decile of wrong ones, and the limit between.

    The limit is the geometric mean of both, or where they overlap 5 % above the right ones.
    """
    right = max(guard.measure(case.passage) for case in cases if not case.meant)
    meant = [guard.measure(case.passage) for case in cases if case.meant[:1] == (guard.name,)]
    wrong = float(np.quantile(meant, 0.1)) if meant else 0.0
    return right, wrong, sqrt(right * wrong) if wrong > right else SPARE * right


def choose(cases: Sequence[Case]) -> None:
    """What the development half says about each limit."""
    print("| guard | largest right | first decile wrong | suggested | limit |")
    print("|---|---|---|---|---|")
    for guard in GUARDS.values():
        right, wrong, limit = suggested(guard, cases)
        print(f"| {guard.name} | {right:.2f} | {wrong:.2f} | {limit:.2f} | {guard.limit} |")


def by_guard(cases: Sequence[Case]) -> None:
    """Caught, missed and wrongly caught by each guard."""
    right = [case for case in cases if not case.meant]
    print(f"\n| guard | meant to catch | caught | missed | of {len(right)} right ones caught |")
    print("|---|---|---|---|---|")
    for name, guard in GUARDS.items():
        meant = [case for case in cases if name in case.meant]
        caught = sum(guard.objects(case.passage) for case in meant)
        wrongly = sum(guard.objects(case.passage) for case in right)
        print(f"| `{name}` | {len(meant)} | {caught} | {len(meant) - caught} | {wrongly} |")


def by_kind(cases: Sequence[Case]) -> None:
    """Caught by any guard, and by which."""
    for title, chosen in (
        ("wrong", [case for case in cases if case.meant]),
        ("right", [case for case in cases if not case.meant]),
    ):
        print(f"\n| {title} | blocks | caught | by |")
        print("|---|---|---|---|")
        for kind in dict.fromkeys(case.kind for case in chosen):
            found = [objections(case.passage) for case in chosen if case.kind == kind]
            caught = sum(map(bool, found))
            names = ", ".join(name for name in GUARDS if any(name in part for part in found))
            print(f"| {kind} | {len(found)} | {caught} | {names} |")
        n_caught = _count(chosen, lambda case: bool(objections(case.passage)))
        print(f"| all | {len(chosen)} | {n_caught} | |")


def _count(cases: Iterable[Case], condition: Callable[[Case], bool]) -> int:
    return sum(map(condition, cases))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--choose", action="store_true", help="show the development half too")
    asked = parser.parse_args()
    cases = list(chain(made_cases(), sound_cases(asked.assets)))
    held_out = [case for case in cases if case.held_out]
    print(f"{len(cases)} blocks, {len(held_out)} of them held out\n")
    if asked.choose:
        development = [case for case in cases if not case.held_out]
        choose(development)
        by_guard(development)
        by_kind(development)
        print("\n== held out ==")
    by_guard(held_out)
    by_kind(held_out)


if __name__ == "__main__":
    main()
