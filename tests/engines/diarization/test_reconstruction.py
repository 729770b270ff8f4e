"""Frames and turns from windows, on made windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.engines.diarization.reconstruction import (
    UNASSIGNED,
    FrameLabels,
    count_speakers,
    reconstruct,
    turns_of,
)
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    WINDOW_SAMPLES,
    count_frames,
    count_windows,
    first_frame,
    frame_time,
)


def windows(n: int) -> np.ndarray:
    return np.zeros((n, FRAMES_PER_WINDOW, 3), dtype=np.bool_)


def test_one_person_through_all_windows_is_one_turn() -> None:
    """Local speakers may change places from window to window; labels bring them together."""
    activity = windows(3)
    labels = np.full((3, 3), UNASSIGNED)
    for window, local in enumerate((0, 2, 1)):
        activity[window, :, local] = True
        labels[window, local] = 0
    count = count_speakers(activity, hop_s=1.0)
    turns = turns_of(reconstruct(activity, labels, count, hop_s=1.0), duration_s=12.0)
    assert [(turn.speaker, turn.confidence) for turn in turns] == [("SPEAKER_00", 1.0)]
    assert turns[0].span.start == frame_time(0)
    assert turns[0].span.end == pytest.approx(12.0, abs=0.05)


def test_who_is_counted_but_not_heard_gets_a_column() -> None:
    """Two local speakers with one label are two people, of whom no window tells the second."""
    activity = windows(1)
    activity[0, :, :2] = True
    labels = np.array([[0, 0, UNASSIGNED]])
    count = count_speakers(activity, hop_s=1.0)
    frames = reconstruct(activity, labels, count, hop_s=1.0)
    assert frames.active.any(axis=0).tolist() == [True, True]
    assert [turn.confidence for turn in turns_of(frames, duration_s=10.0)] == [1.0, 0.0]


@pytest.mark.parametrize(("share", "n_speakers"), [(0.0, 2), (0.05, 2), (0.06, 1)])
def test_who_is_never_heard_and_seldom_counted_is_nobody(share: float, n_speakers: int) -> None:
    """A slip of the segmentation makes no speaker; the reference counts every one."""
    activity = windows(1)
    activity[0, :500, 0] = activity[0, 100:125, 1] = True
    labels = np.array([[0, 0, UNASSIGNED]])
    count = count_speakers(activity, hop_s=1.0)
    frames = reconstruct(activity, labels, count, hop_s=1.0, min_unheard_share=share)
    assert len(turns_of(frames, duration_s=10.0)) == n_speakers


def test_a_heard_speaker_may_be_rare_and_fills_frames_elsewhere() -> None:
    """The share is asked only of whom no window names; others fill what was counted."""
    activity = windows(1)
    activity[0, :500, 0] = activity[0, 100:125, 1] = activity[0, 510:512, 2] = True
    labels = np.array([[0, 0, 1]])
    count = count_speakers(activity, hop_s=1.0)
    frames = reconstruct(activity, labels, count, hop_s=1.0, min_unheard_share=0.5)
    assert frames.active.sum(axis=0).tolist() == [500, 27]


def test_confidence_is_the_share_of_windows_that_agree() -> None:
    """One window of two hears the speaker: one half."""
    activity = windows(2)
    activity[0, 300:400, 0] = True
    labels = np.array([[0, UNASSIGNED, UNASSIGNED], [UNASSIGNED] * 3])
    count = np.zeros(count_frames(2, 1.0), dtype=np.uint8)
    count[300:400] = 1
    (turn,) = turns_of(reconstruct(activity, labels, count, hop_s=1.0), duration_s=11.0)
    assert turn.confidence == 0.5


def test_short_silences_are_filled_on_request() -> None:
    """A gap of five frames closes at 0.1 s and stays at 0.05 s."""
    active = np.zeros((100, 1), dtype=np.bool_)
    active[10:20] = active[25:40] = True
    frames = FrameLabels(active, active.astype(np.float32))
    assert len(turns_of(frames, duration_s=9.0, min_gap_s=0.05)) == 2
    assert len(turns_of(frames, duration_s=9.0, min_gap_s=0.1)) == 1


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n_windows=st.integers(1, 5),
    hop_s=st.sampled_from([0.5, 1.0, 2.0]),
    n_speakers=st.integers(1, 4),
)
def test_turns_lie_inside_and_never_overlap_themselves(
    seed: int, n_windows: int, hop_s: float, n_speakers: int
) -> None:
    """Whatever the windows say, turns are ordered, inside, and disjoint for each speaker."""
    rng = np.random.default_rng(seed)
    activity = np.repeat(rng.random((n_windows, 31, 3)) > 0.5, 19, axis=1)
    labels = rng.integers(-1, n_speakers, (n_windows, 3))
    labels[labels < 0] = UNASSIGNED
    duration_s = (n_windows - 1) * hop_s + 9.7
    count = count_speakers(activity, hop_s=hop_s)
    frames = reconstruct(activity, labels, count, hop_s=hop_s)
    unheard = ~frames.support.any(axis=0)
    assert (frames.active[:, ~unheard].sum(axis=1) <= count).all()
    assert (frames.active.sum(axis=1) == count).all() or unheard.any()
    turns = turns_of(frames, duration_s=duration_s)
    assert turns == sorted(turns, key=lambda turn: turn.span.start)
    ends: dict[str, float] = {}
    for turn in turns:
        assert ends.get(turn.speaker, 0.0) <= turn.span.start < turn.span.end <= duration_s
        assert turn.confidence is not None
        assert 0 <= turn.confidence <= 1
        ends[turn.speaker] = turn.span.end
    assert list(ends) == sorted(ends)


@given(n_samples=st.integers(1, 20 * WINDOW_SAMPLES), hop_s=st.sampled_from([0.5, 1.0, 2.0]))
def test_windows_cover_the_recording_and_no_more(n_samples: int, hop_s: float) -> None:
    """The last window reaches the end, the one before does not."""
    hop = round(hop_s * 16_000)
    n = count_windows(n_samples, hop)
    assert (n - 1) * hop + WINDOW_SAMPLES >= n_samples
    assert n == 1 or (n - 2) * hop + WINDOW_SAMPLES < n_samples
    assert first_frame(n - 1, hop_s) + FRAMES_PER_WINDOW < count_frames(n, hop_s) + 5


def test_ties_go_to_the_lower_label_whatever_the_processor() -> None:
    """More speakers over the same frames than any sort keeps in order by luck."""
    activity = np.zeros((7, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    activity[:, 400:] = True
    labels = np.arange(21).reshape(7, 3)[::-1].copy()
    count = np.ones(count_frames(7, 1.0), dtype=np.uint8)
    frames = reconstruct(activity, labels, count, hop_s=1.0)
    most = frames.support.max(axis=1, keepdims=True)
    first = (frames.support == most).argmax(axis=1)
    assert np.array_equal(frames.active.argmax(axis=1), first)
