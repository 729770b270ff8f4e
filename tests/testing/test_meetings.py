"""Made meetings and their ground truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.testing.meetings import MeetingPlan, build_meeting, speech_spans


def clip(hz: float, *sounding: tuple[float, float], seconds: float = 6.0) -> Samples:
    """A tone that sounds only between the given seconds."""
    t = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    on = np.zeros(len(t), dtype=bool)
    for start, end in sounding:
        on |= (t >= start) & (t < end)
    return (0.3 * np.sin(2 * np.pi * hz * t) * on).astype(np.float32)


VOICES = {str(i): [clip(400.0 + 150 * i, (0.5, 2.5), (3.5, 5.5))] for i in range(8)}


def test_silence_inside_a_clip_is_no_speech() -> None:
    """Pauses part the spans; the shortest ones do not."""
    sound = clip(400.0, (0.5, 2.0), (2.1, 3.0), (4.0, 5.0))
    assert speech_spans(sound) == [Span(0.5, 3.0), Span(4.0, 5.0)]
    assert speech_spans(np.zeros(16_000, dtype=np.float32)) == []
    assert speech_spans(np.zeros(10, dtype=np.float32)) == []


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_everybody_speaks_where_the_truth_says(n: int) -> None:
    """Each turn is sound, what lies between turns is silence, turns stay inside."""
    meeting = build_meeting(VOICES, MeetingPlan(n_speakers=n, duration_s=60.0, seed=n))
    assert len({turn.speaker for turn in meeting.turns}) == n
    assert len(meeting.samples) == 60 * SAMPLE_RATE_HZ
    heard = np.zeros(len(meeting.samples), dtype=bool)
    for turn in meeting.turns:
        part = slice(*(round(t * SAMPLE_RATE_HZ) for t in (turn.span.start, turn.span.end)))
        assert np.sqrt(np.mean(meeting.samples[part] ** 2)) > 0.02
        heard[max(0, part.start - 1) : part.stop + 1] = True
    assert np.abs(meeting.samples[~heard]).max() < 1e-6


def test_overlap_happens_as_often_as_asked() -> None:
    """None at 0, some at 0.5; one speaker never overlaps with himself."""

    def overlap(ratio: float) -> float:
        plan = MeetingPlan(n_speakers=3, duration_s=90.0, overlap_ratio=ratio)
        turns = build_meeting(VOICES, plan).turns
        pairs = [(a, b) for i, a in enumerate(turns) for b in turns[i + 1 :]]
        assert all(a.span.overlap(b.span) == 0.0 for a, b in pairs if a.speaker == b.speaker)
        return sum(a.span.overlap(b.span) for a, b in pairs)

    assert overlap(0.0) == 0.0
    assert overlap(0.5) > 2.0


def test_plans_repeat_and_seeds_differ() -> None:
    """The same plan gives the same samples, another seed others."""
    plan = MeetingPlan(duration_s=20.0, snr_db=20.0)
    first, again = build_meeting(VOICES, plan), build_meeting(VOICES, plan)
    np.testing.assert_array_equal(first.samples, again.samples)
    assert first.turns == again.turns
    assert build_meeting(VOICES, replace(plan, seed=1)).turns != first.turns


def test_noise_and_telephone_do_what_they_say() -> None:
    """Noise lies `snr_db` below speech; a telephone carries nothing above its band."""
    plan = MeetingPlan(duration_s=20.0)
    clean = build_meeting(VOICES, plan).samples
    noisy = build_meeting(VOICES, replace(plan, snr_db=10.0)).samples
    ratio = np.mean(clean[clean != 0] ** 2) / np.mean((noisy - clean) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(10.0, abs=0.3)
    call = build_meeting(VOICES, replace(plan, snr_db=10.0, telephone=True)).samples
    spectrum = np.abs(np.fft.rfft(call)) ** 2
    at_hz = np.fft.rfftfreq(len(call), 1 / SAMPLE_RATE_HZ)
    assert spectrum[at_hz > 5000].sum() < 0.01 * spectrum.sum()


def test_too_few_voices_are_refused() -> None:
    """Nobody is asked to play two people."""
    with pytest.raises(ValueError, match="9 speakers asked for, 8 voices given"):
        build_meeting(VOICES, MeetingPlan(n_speakers=9))
