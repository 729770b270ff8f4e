"""The best path, against every path there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.steps import steps

from stenograf.engines.align.viterbi import (
    ANYTHING,
    ANYTHING_COSTS,
    LogProbabilities,
    Silence,
    best_frames,
)

BLANK, BETWEEN = 0, 1
SILENCE = Silence(BLANK, BETWEEN)
N_SYMBOLS = 5


@st.composite
def puzzles(draw: st.DrawFn) -> tuple[LogProbabilities, list[int], list[bool]]:
    """A few frames, a few symbols (anything among them), and where words begin."""
    n_frames = draw(st.integers(1, 6))
    symbols = draw(st.lists(st.sampled_from([2, 3, 4, ANYTHING]), min_size=1, max_size=4))
    begins = draw(st.lists(st.booleans(), min_size=len(symbols), max_size=len(symbols)))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    logits = rng.normal(0, 3, (n_frames, N_SYMBOLS)).astype(np.float32)
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True), symbols, begins


Place = tuple[str, int]  # ("silence", symbols said before it) or ("symbol", its index)


def every_path(n_frames: int, symbols: Sequence[int]) -> Iterator[list[Place]]:
    """Each way to spend the frames: silence or symbols, in order, none left out."""

    def onward(place: Place) -> list[Place]:
        kind, index = place
        if kind == "silence":
            return [place, ("symbol", index)]
        follows: list[Place] = [place, ("silence", index + 1)]
        if index + 1 < len(symbols) and symbols[index + 1] != symbols[index]:
            follows.append(("symbol", index + 1))
        return follows

    def extend(path: list[Place]) -> Iterator[list[Place]]:
        if len(path) == n_frames:
            if path[-1] in (("silence", len(symbols)), ("symbol", len(symbols) - 1)):
                yield path
            return
        for place in onward(path[-1]):
            if place[0] == "silence" or place[1] < len(symbols):
                yield from extend([*path, place])

    yield from extend([("silence", 0)])
    yield from extend([("symbol", 0)])


def score(
    path: Sequence[Place],
    probabilities: LogProbabilities,
    symbols: Sequence[int],
    begins: Sequence[bool],
) -> float:
    """What a path is worth, read off the definition."""
    total = 0.0
    for frame, (kind, index) in zip(probabilities, path, strict=True):
        if kind == "silence":
            outside = index == len(symbols) or begins[index]
            total += max(frame[BLANK], frame[BETWEEN]) if outside else frame[BLANK]
        elif symbols[index] == ANYTHING:
            total += frame.max() - ANYTHING_COSTS
        else:
            total += frame[symbols[index]]
    return float(total)


@given(puzzles())
def test_no_path_is_better(puzzle: tuple[LogProbabilities, list[int], list[bool]]) -> None:
    """The frames found are those of a path, and no other path has a higher score."""
    probabilities, symbols, begins = puzzle
    found = best_frames(probabilities, symbols, begins, SILENCE)
    paths = list(every_path(len(probabilities), symbols))
    assert (found is None) == (not paths)
    if found is None:
        return
    scores = [score(path, probabilities, symbols, begins) for path in paths]
    spent = [[tuple(place) for place, _ in groupby(path) if place[0] == "symbol"] for path in paths]
    assert all(len(places) == len(symbols) for places in spent)  # the slow truth is sound
    chosen = [path for path in paths if _frames_of(path, len(symbols)) == found.tolist()]
    assert max(score(path, probabilities, symbols, begins) for path in chosen) >= max(scores) - 1e-4


def _frames_of(path: Sequence[Place], n_symbols: int) -> list[list[int]]:
    places = [
        [t for t, place in enumerate(path) if place == ("symbol", i)] for i in range(n_symbols)
    ]
    return [[at[0], at[-1] + 1] for at in places]


@given(puzzles())
def test_symbols_come_in_order_and_never_overlap(
    puzzle: tuple[LogProbabilities, list[int], list[bool]],
) -> None:
    """Each symbol has a frame or more, after the symbol before it."""
    found = best_frames(*puzzle, SILENCE)
    if found is not None:
        edges = found.ravel()
        assert (np.diff(edges) >= 0).all()
        assert (found[:, 1] > found[:, 0]).all()


def test_no_symbols_have_no_frames() -> None:
    """Nothing said takes no time."""
    frames = best_frames(np.zeros((3, 2), dtype=np.float32), [], [], Silence(0))
    assert frames is not None
    assert frames.shape == (0, 2)


def test_equal_neighbours_need_silence_between() -> None:
    """Two frames cannot hold the same symbol twice; three can."""
    even = np.zeros((3, 3), dtype=np.float32)
    assert best_frames(even[:2], [2, 2], [True, False], Silence(0)) is None
    assert best_frames(even, [2, 2], [True, False], Silence(0)) is not None


def test_anything_swallows_what_it_does_not_know() -> None:
    """Unknown sounds between known ones go to the wildcard, the silence around to nobody."""
    said = [0, 2, 0, 0, 4, 3, 0, 4, 0, 0, 2, 0]  # symbol 2, unknown sounds, symbol 2
    probabilities = np.full((len(said), N_SYMBOLS), np.log(0.01), dtype=np.float32)
    probabilities[np.arange(len(said)), said] = np.log(0.96)
    found = best_frames(probabilities, [2, ANYTHING, 2], [True, True, True], SILENCE)
    assert found is not None
    assert found.tolist() == [[1, 2], [4, 8], [10, 11]]


def test_all_letters_of_a_frame_are_looked_at_in_one_step() -> None:
    """Thirty times the letters hardly add to the steps, which go with the frames."""
    rng = np.random.default_rng(0)
    probabilities = np.log(rng.dirichlet(np.ones(32), 300)).astype(np.float32)
    letters = rng.integers(2, 32, 90).tolist()

    def work(n_letters: int) -> int:
        said = letters[:n_letters]
        return steps(lambda: best_frames(probabilities, said, [False] * n_letters, Silence(0)))

    assert work(90) < 1.5 * work(3)
