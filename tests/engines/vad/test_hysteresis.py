"""From probabilities to spans, without a network."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.errors import OptionError
from stenograf.core.span import Span
from stenograf.engines.vad.hysteresis import Probabilities, VadOptions, speech_spans

FRAME_S = 0.032
probabilities = st.lists(st.floats(0, 1, width=32), max_size=400).map(
    lambda values: np.array(values, dtype=np.float32)
)
options = st.builds(
    VadOptions,
    threshold=st.floats(0.4, 0.9),
    neg_threshold=st.floats(0.1, 0.4),
    min_speech_s=st.floats(0, 0.5),
    min_silence_s=st.floats(0, 0.5),
    pad_s=st.floats(0, 0.5),
    max_speech_s=st.floats(2.0, 5.0),
)


def spans_of(values: Probabilities, chosen: VadOptions) -> list[Span]:
    return speech_spans(
        values, frame_s=FRAME_S, duration=max(0.0, len(values) * FRAME_S - 0.01), options=chosen
    )


def slow_frames(values: Probabilities, chosen: VadOptions) -> set[int]:
    """Speech frames by a walk over every frame: the plain reading of the two thresholds."""
    speech: set[int] = set()
    run: list[int] = []
    silent_since: int | None = None
    for i, value in enumerate(values):
        if value >= chosen.threshold:
            silent_since = None
            run.append(i)
        elif run:
            if value < chosen.neg_threshold and silent_since is None:
                silent_since = i
            run.append(i)
        if run and silent_since is not None:
            resumed = next(
                (j for j in range(i, len(values)) if values[j] >= chosen.threshold), len(values)
            )
            if (resumed - silent_since) * FRAME_S >= chosen.min_silence_s:
                speech |= {j for j in run if j < silent_since}
                run, silent_since = [], None
    return speech | set(run)


@given(probabilities, options)
def test_spans_are_sorted_disjoint_inside_and_not_too_long(
    values: Probabilities, chosen: VadOptions
) -> None:
    """What the port promises holds for any probabilities and options."""
    spans = spans_of(values, chosen)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(0.0 <= span.start < span.end <= len(values) * FRAME_S for span in spans)
    assert all(span.duration <= chosen.max_speech_s + 1e-9 for span in spans)


@given(probabilities, options)
def test_spans_cover_what_the_plain_walk_finds(values: Probabilities, chosen: VadOptions) -> None:
    """Jumping between deciding frames equals looking at every frame."""
    bare = VadOptions(
        threshold=chosen.threshold,
        neg_threshold=chosen.neg_threshold,
        min_silence_s=chosen.min_silence_s,
        min_speech_s=0.0,
        pad_s=0.0,
        max_speech_s=1e6,
    )
    spans = speech_spans(values, frame_s=FRAME_S, duration=len(values) * FRAME_S, options=bare)
    found = {i for s in spans for i in range(round(s.start / FRAME_S), round(s.end / FRAME_S))}
    assert found == slow_frames(values, bare)


@given(probabilities, options)
def test_padding_only_adds(values: Probabilities, chosen: VadOptions) -> None:
    """Every span without padding lies inside the spans with it, when nothing is cut."""
    whole = {"max_speech_s": 1e6, "min_speech_s": chosen.min_speech_s}
    padded = spans_of(values, VadOptions(pad_s=chosen.pad_s, **whole))
    bare = spans_of(values, VadOptions(pad_s=0.0, **whole))
    assert len(padded) == len(bare)
    assert all(p.start <= b.start and b.end <= p.end for p, b in zip(padded, bare, strict=True))


def test_long_speech_is_cut_where_it_is_least_like_speech() -> None:
    """The cut falls on the weakest frame, not at the limit."""
    values = np.full(200, 0.9, dtype=np.float32)
    values[80] = 0.6
    spans = spans_of(values, VadOptions(pad_s=0.0, max_speech_s=100 * FRAME_S + 1e-6))
    assert spans[0].end == pytest.approx(80 * FRAME_S)


def test_short_noise_is_dropped() -> None:
    """A click is no speech."""
    values = np.zeros(100, dtype=np.float32)
    values[50] = 1.0
    assert spans_of(values, VadOptions(min_speech_s=0.1)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.2},
        {"threshold": 1.5},
        {"neg_threshold": 0.0},
        {"pad_s": -1.0},
        {"max_speech_s": 1.0},
    ],
)
def test_options_that_cannot_hold_are_refused(wrong: dict[str, float]) -> None:
    """A contradiction is told at once instead of giving strange spans."""
    with pytest.raises(OptionError):
        VadOptions(**wrong)
