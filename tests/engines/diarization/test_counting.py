"""The number of speakers, from made voices: how far apart they are and who talks beside whom."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf.core.options import DiarizationOptions
from stenograf.engines.diarization.clustering import find_voices, voices_by_count
from stenograf.engines.diarization.counting import USUAL_DISTANCE, distance_of_two, likeliest
from stenograf.engines.diarization.segmentation import FRAMES_PER_WINDOW

N_WINDOWS = 20


def two_people(distance: float, *, together: bool) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Unit vectors (n_windows, 3, d) of two voices that far apart, in the same windows or not."""
    rng = np.random.default_rng(0)
    angle = np.arccos(1 - distance)
    voices = np.zeros((2, 16))
    voices[:, :2] = [[1.0, 0.0], [np.cos(angle), np.sin(angle)]]
    embeddings = np.full((N_WINDOWS, 3, 16), np.nan, dtype=np.float32)
    activity = np.zeros((N_WINDOWS, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    half = FRAMES_PER_WINDOW // 2
    for window in range(N_WINDOWS):
        for local in (0, 1) if together else (window % 2,):
            vector = voices[local] + rng.normal(0, 0.02, 16)
            embeddings[window, local] = vector / np.linalg.norm(vector)
            activity[window, half * local : half * (local + 1), local] = True
    return embeddings, activity


def count(embeddings: NDArray[np.float32], activity: NDArray[np.bool_]) -> int:
    heard = embeddings[activity.any(axis=1)]
    candidates = voices_by_count(heard, fewest=1, most=6, min_size=3)
    return len(candidates[likeliest(candidates, embeddings, activity, threshold=0.45)])


@pytest.mark.parametrize("together", [True, False])
def test_voices_far_apart_are_two_people(together: bool) -> None:
    """Whether or not they ever talk within ten seconds of each other."""
    assert count(*two_people(0.8, together=together)) == 2


def test_voices_alike_are_one_person_unless_one_window_holds_both() -> None:
    """The segmentation tells two people apart whom a telephone line makes alike."""
    assert count(*two_people(0.25, together=False)) == 1
    assert count(*two_people(0.25, together=True)) == 2


def test_a_number_that_is_given_is_taken() -> None:
    """One candidate is no choice."""
    embeddings, activity = two_people(0.8, together=True)
    candidates = voices_by_count(embeddings[activity.any(axis=1)], fewest=4, most=4, min_size=3)
    assert [len(voices) for voices in candidates] == [4]
    assert likeliest(candidates, embeddings, activity, threshold=0.45) == 0


def test_means_of_a_count_point_where_its_voices_do() -> None:
    """As `find_voices` gives them for that number; a mean is shorter the less its members agree."""
    embeddings, activity = two_people(0.8, together=True)
    heard = embeddings[activity.any(axis=1)]
    one, two = voices_by_count(heard, fewest=1, most=2, min_size=5)
    expected = find_voices(heard, DiarizationOptions.of(speakers=2), threshold=0.3)
    np.testing.assert_allclose(two / np.linalg.norm(two, axis=1)[:, None], expected, atol=1e-6)
    assert np.linalg.norm(one) < np.linalg.norm(two, axis=1).min() <= 1.0


def test_how_far_apart_two_people_lie_is_asked_of_the_windows_that_hold_both() -> None:
    """Their median draws the usual distance towards what this recording shows."""
    embeddings, activity = two_people(0.4, together=True)
    found = distance_of_two(embeddings, np.asarray(activity.any(axis=1)))
    assert found == pytest.approx((0.4 + USUAL_DISTANCE) / 2, abs=0.02)  # 20 pairs


def test_windows_of_one_person_do_not_tell_how_far_apart_people_lie() -> None:
    """Then the usual distance holds."""
    embeddings, activity = two_people(0.4, together=False)
    assert distance_of_two(embeddings, np.asarray(activity.any(axis=1))) == USUAL_DISTANCE
