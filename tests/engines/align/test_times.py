"""From frames to words: everybody gets a time, and nobody a longer one than can be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.engines.align.spelling import Alphabet, spell_all
from stenograf.engines.align.times import LINGER_S, Hearing, longest_s, word_spans
from stenograf.engines.align.viterbi import LogProbabilities, Silence, best_frames

STEP_S = 0.02
BAR = 1
SILENCE = Silence(0, BAR)
ALPHABET = Alphabet({letter: i for i, letter in enumerate("abcdefgh", start=2)}, SILENCE)
N_SYMBOLS = 10
TEXTS = ["bad", "a", "42", "—", "cafe", "...", "Ω", "feed", "7%"]


def heard(n_frames: int, spikes: dict[int, int]) -> LogProbabilities:
    """Silence but for one frame for each letter, as trained CTC models hear."""
    said = np.zeros(n_frames, dtype=np.int64)
    for frame, symbol in spikes.items():
        said[frame] = symbol
    probabilities = np.full((n_frames, N_SYMBOLS), np.log(0.005), dtype=np.float32)
    probabilities[np.arange(n_frames), said] = np.log(0.955)
    return probabilities


def spans_of(texts: list[str], voice: LogProbabilities) -> list[Span]:
    spelling = spell_all(texts, ALPHABET)
    frames = best_frames(voice, spelling.symbols, spelling.begins_word, SILENCE)
    assert frames is not None
    return word_spans(texts, spelling, frames, Hearing(voice, SILENCE, STEP_S))


def letters(text: str, at: int) -> dict[int, int]:
    """A spike every fourth frame from `at` on."""
    return {at + 4 * i: ALPHABET.symbols[letter] for i, letter in enumerate(text)}


@given(
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=8),
    st.integers(60, 400),
    st.integers(0, 99_999),
)
def test_whatever_is_heard_times_are_possible(texts: list[str], n_frames: int, seed: int) -> None:
    """In order, inside the block, no overlap, none longer than a word can be."""
    rng = np.random.default_rng(seed)
    voice = np.log(rng.dirichlet(np.full(N_SYMBOLS, 0.3), n_frames) + 1e-9).astype(np.float32)
    if not spell_all(texts, ALPHABET).symbols:
        return
    spans = spans_of(texts, voice)
    assert len(spans) == len(texts)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(spans))
    for text, span in zip(texts, spans, strict=True):
        assert 0.0 <= span.start <= span.end <= n_frames * STEP_S + 1e-9
        assert span.duration <= longest_s(text) + 1e-9


@given(st.lists(st.tuples(st.sampled_from(["bad", "a", "cafe", "feed"]), st.integers(8, 80)),
                min_size=1, max_size=6))  # fmt: skip
def test_known_times_come_back(said: list[tuple[str, int]]) -> None:
    """Words start at their first letter and end at the bar, or soon after their last letter."""
    spikes: dict[int, int] = {}
    truth: list[Span] = []
    at = 5
    for text, gap in said:
        spikes |= letters(text, at)
        last = at + 4 * (len(text) - 1)
        spikes[last + 3] = BAR
        truth.append(Span(at * STEP_S, (last + 3) * STEP_S))
        at = last + gap
    found = spans_of([text for text, _ in said], heard(at + 20, spikes))
    for there, span in zip(truth, found, strict=True):
        assert span.start == pytest.approx(there.start)
        assert span.end == pytest.approx(there.end)


def test_a_number_gets_the_sounds_between_its_neighbours() -> None:
    """Six unknown sounds between two known words are the number's."""
    spikes = letters("bad", 10) | {40 + 5 * i: 3 + i % 4 for i in range(6)} | letters("feed", 90)
    before, number, after = spans_of(["bad", "42", "feed"], heard(130, spikes))
    assert before.end <= number.start == pytest.approx(40 * STEP_S)
    assert number.end == pytest.approx(66 * STEP_S + LINGER_S)
    assert after.start == pytest.approx(90 * STEP_S)


def test_a_letter_far_away_does_not_stretch_its_word() -> None:
    """A word whose first letter was heard four seconds early begins at its second."""
    spikes = {5: ALPHABET.symbols["c"]} | letters("afe", 205)
    (span,) = spans_of(["cafe"], heard(250, spikes))
    assert span.start == pytest.approx(205 * STEP_S)
    assert span.end == pytest.approx(214 * STEP_S + LINGER_S)


def test_without_a_bar_a_word_fades_away() -> None:
    """The last sound goes on for a moment, and never into the next word."""
    spikes = letters("bad", 10) | letters("feed", 22) | letters("a", 80)
    first, second, third = spans_of(["bad", "feed", "a"], heard(100, spikes))
    assert first.end == second.start == pytest.approx(22 * STEP_S)
    assert second.end == pytest.approx(35 * STEP_S + LINGER_S)
    assert third.end == pytest.approx(81 * STEP_S + LINGER_S)


def test_what_nobody_speaks_lies_between_its_neighbours() -> None:
    """A dash has the gap, a leading and a closing one have an instant."""
    spikes = letters("bad", 10) | letters("feed", 60)
    spans = spans_of(["—", "bad", "—", "feed", "..."], heard(100, spikes))
    assert spans[0].duration == 0.0
    assert spans[2].start == spans[1].end
    assert spans[2].end == pytest.approx(min(60 * STEP_S, spans[1].end + longest_s("—")))
    assert spans[4] == Span(spans[3].end, spans[3].end)
