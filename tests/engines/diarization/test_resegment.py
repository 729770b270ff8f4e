"""Voices become turns."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.resegment import (
    best_path,
    bridge_pauses,
    give_everyone_a_step,
    step_scores,
    turns_of,
)
from stenograf.engines.diarization.windows import Window, place_windows, stretches


def test_windows_cover_each_stretch_to_its_end() -> None:
    """Every frame of speech lies in a window, none reaches outside."""
    parts = stretches([Span(0.0, 0.5), Span(1.0, 5.03)], 5.0)
    windows, grid = place_windows(parts, at_least=1)
    assert grid.step_frames == 10
    for i, part in enumerate(parts):
        own = [window for window in windows if window.stretch == i]
        frames = {frame for window in own for frame in range(window.start, window.end)}
        assert frames == set(range(part.start, part.end))


def test_windows_shrink_until_there_are_enough() -> None:
    """One per frame is the end of it."""
    parts = stretches([Span(0.0, 0.2)], 1.0)
    assert [len(place_windows(parts, n)[0]) for n in (1, 3, 20, 50)] == [1, 3, 20, 20]


def test_path_is_the_best_of_all() -> None:
    """Viterbi finds what trying every path finds."""
    scores = np.random.default_rng(4).random((6, 3)).astype(np.float32)

    def total(path: tuple[int, ...]) -> float:
        changes = sum(a != b for a, b in pairwise(path))
        return float(sum(scores[t, v] for t, v in enumerate(path))) - 0.4 * changes

    best = max(product(range(3), repeat=6), key=total)
    assert tuple(best_path(scores, switch_cost=0.4)) == best


def test_a_flicker_is_smoothed_away() -> None:
    """One step that likes somebody else does not make a turn."""
    scores = np.tile(np.array([[0.9, 0.7]], dtype=np.float32), (20, 1))
    scores[10] = (0.7, 0.9)
    assert not best_path(scores).any()


def test_everyone_gets_a_step_where_it_costs_least() -> None:
    """The voice that lost everywhere takes the step it fits best."""
    scores = np.tile(np.array([[0.9, 0.1]], dtype=np.float32), (5, 1))
    scores[3, 1] = 0.5
    paths = give_everyone_a_step([np.zeros(2, int), np.zeros(3, int)], [scores[:2], scores[2:]])
    assert [path.tolist() for path in paths] == [[0, 0], [0, 1, 0]]


def test_steps_average_the_windows_over_them() -> None:
    """A step under one window has its score; between two windows it lies between."""
    (part,) = stretches([Span(0.0, 2.4)], 3.0)
    windows = [Window(0, 160, 0), Window(80, 240, 0)]
    scores = step_scores(part, windows, np.array([[1.0], [0.0]], dtype=np.float32), 10)
    assert scores.shape == (24, 1)
    assert scores[0, 0] == 1.0
    assert scores[-1, 0] == 0.0
    assert 0.0 < scores[12, 0] < 1.0


def test_turns_keep_the_edges_of_speech_and_number_by_first_voice() -> None:
    """The voice that speaks first is SPEAKER_00 whatever its cluster; a sure turn says so."""
    (part,) = stretches([Span(0.504, 0.996)], 1.0)
    scores = np.array([[0.2, 0.9]] * 3 + [[0.9, 0.2]] * 2, dtype=np.float32)
    first, second = turns_of([part], [np.array([1, 1, 1, 0, 0])], [scores], 10)
    assert (first.speaker, second.speaker) == ("SPEAKER_00", "SPEAKER_01")
    assert (first.span, second.span) == (Span(0.504, 0.8), Span(0.8, 0.996))
    assert first.confidence is not None
    assert first.confidence > 0.99


def test_one_voice_has_no_confidence() -> None:
    """Nothing was compared."""
    (part,) = stretches([Span(0.0, 1.0)], 1.0)
    (turn,) = turns_of([part], [np.zeros(10, int)], [np.ones((10, 1), np.float32)], 10)
    assert turn.confidence is None


def test_short_pauses_of_one_speaker_belong_to_the_turn() -> None:
    """They close, unless they are long or somebody else speaks in between."""
    turns = [
        Turn(Span(0.0, 1.0), "A", 0.5),
        Turn(Span(1.5, 4.5), "A", 0.9),
        Turn(Span(4.6, 5.0), "B"),
        Turn(Span(5.1, 6.0), "A"),
        Turn(Span(7.0, 8.0), "A"),
    ]
    first, *others = bridge_pauses(turns)
    assert (first.span, first.speaker) == (Span(0.0, 4.5), "A")
    assert first.confidence == pytest.approx(0.8)
    assert others == turns[2:]
