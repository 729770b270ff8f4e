"""Blocks of speech and the map back to the recording."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.waveform import Samples
from stenograf.engines.asr.packing import MARGIN_S, Block, audible, pack
from stenograf.engines.vad.hysteresis import VadOptions

SAMPLE_S = 1 / 16_000


@st.composite
def speech_lists(draw: st.DrawFn) -> list[Span]:
    """Sorted, disjoint spans; some longer than a block, some touching."""
    at, spans = 0.0, []
    for gap, length in draw(
        st.lists(st.tuples(st.floats(0, 40), st.floats(0.01, 70)), max_size=12)
    ):
        spans.append(Span(at + gap, at + gap + length))
        at = spans[-1].end
    return spans


def inside(span: Span, spans: tuple[Span, ...]) -> bool:
    return any(s.start - 1e-6 <= span.start and span.end <= s.end + 1e-6 for s in spans)


@given(speech_lists())
def test_blocks_hold_all_speech_in_order_and_fit(speech: list[Span]) -> None:
    """Nothing is lost, nothing repeated, no block longer than a window."""
    blocks = list(pack(speech))
    pieces = [piece for block in blocks for piece in block.pieces]
    assert all(block.duration <= 30.0 + 1e-6 for block in blocks)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(pieces))
    assert total_duration(union(pieces)) + 1e-6 >= total_duration(speech)
    covered = tuple(union(pieces, max_gap=1e-9))
    assert all(inside(span, covered) for span in speech)


@given(speech_lists())
def test_a_span_is_cut_only_when_it_alone_is_too_long(speech: list[Span]) -> None:
    """Every span that fits lies whole inside one block."""
    blocks = list(pack(speech))
    for span in speech:
        if span.duration <= 30.0:
            assert any(inside(span, block.pieces) for block in blocks)


@given(speech_lists(), st.floats(0, 1), st.floats(0, 1))
def test_times_survive_the_round_trip(speech: list[Span], where: float, length: float) -> None:
    """An instant of a piece, told on the block's clock, comes back as itself."""
    for block in pack(speech):
        offset = 0.0
        for piece in block.pieces:
            start = piece.start + where * piece.duration
            there = Span(start, start + length * (piece.end - start))
            back = block.to_recording(there.shift(offset - piece.start))
            if there.duration > 1e-6:
                assert back.start == pytest.approx(there.start, abs=1e-6)
                assert back.end == pytest.approx(there.end, abs=1e-6)
            offset += piece.duration


@given(speech_lists(), st.floats(-5, 40), st.floats(0, 40))
def test_any_time_maps_into_the_block(speech: list[Span], start: float, length: float) -> None:
    """Whatever times a model invents, the word lies inside speech that was heard."""
    for block in pack(speech):
        assert inside(block.to_recording(Span(start, start + length)), block.pieces)


def test_samples_are_the_pieces_one_after_another() -> None:
    """What is heard is what the spans name, without the pause between."""
    audio = np.arange(64_000, dtype=np.float32)
    block = Block((Span(0.5, 1.0), Span(3.0, 3.5)))
    np.testing.assert_array_equal(
        block.samples(audio), np.concatenate([audio[8_000:16_000], audio[48_000:56_000]])
    )


def test_short_pauses_stay() -> None:
    """A breath between two spans is kept as it was."""
    (block,) = pack([Span(0.0, 1.0), Span(1.3, 2.0), Span(5.0, 6.0)])
    assert block.pieces == (Span(0.0, 2.0), Span(5.0, 6.0))


@given(speech_lists(), st.floats(0.5, 80))
def test_a_recognizer_hears_a_margin_inside_the_recording(
    speech: list[Span], seconds: float
) -> None:
    """Everything said is heard, with no more than the margin around it and nothing twice."""
    audio = np.zeros(round(seconds * 16_000), dtype=np.float32)
    end = len(audio) / 16_000
    heard = audible(audio, speech)
    assert all(a.end <= b.start for a, b in pairwise(heard))
    assert all(0.0 <= span.start < span.end <= end for span in heard)
    said = [Span(s.start, min(s.end, end)) for s in union(speech) if s.start < end]
    assert all(inside(span, tuple(heard)) for span in said)
    near = tuple(Span(s.start - MARGIN_S, s.end + MARGIN_S) for s in said)
    assert all(inside(span, near) for span in heard)


def test_detected_speech_with_its_margin_fits_a_block() -> None:
    """The longest span that the detector gives by default need not be cut in two."""
    audio = np.zeros(40 * 16_000, dtype=np.float32)
    longest = Span(1.0, 1.0 + VadOptions().max_speech_s)
    (block,) = pack(audible(audio, [longest]))
    assert len(block.pieces) == 1


@given(speech_lists(), st.floats(1.0, 60.0))
def test_blocks_of_any_length_cut_no_word(speech: list[Span], longest_s: float) -> None:
    """A span that fits a block stays whole, whatever the longest block; a longer one is cut."""
    blocks = list(pack(speech, max_block_s=longest_s))
    assert all(block.duration <= longest_s + 1e-6 for block in blocks)
    for span in speech:
        if span.duration <= longest_s:
            assert any(inside(span, block.pieces) for block in blocks)
    pieces = [piece for block in blocks for piece in block.pieces]
    covered = tuple(union(pieces, max_gap=1e-9))
    assert all(inside(span, covered) for span in speech)


@given(speech_lists(), st.floats(0, 1))
def test_what_is_heard_at_an_instant_is_said_at_the_instant_it_maps_to(
    speech: list[Span], where: float
) -> None:
    """Sound and clock agree: a sample of a block is the recording's sample at the mapped time."""
    audio = Ramp(600 * 16_000)
    for block in pack(list(intersect(speech, [Span(0.0, 600.0)]))):
        samples = block.samples(audio)
        if not len(samples):
            continue
        at = min(len(samples) - 1, round(where * len(samples)))
        instant = Span(at / 16_000, at / 16_000)
        # Each piece begins and ends at the nearest sample, so its sound may shift by one.
        distance = abs(block.to_recording(instant).start * 16_000 - float(samples[at]))
        n_pieces = len(block.pieces)
        assert distance <= n_pieces + 1 or _at_a_seam(block, at, n_pieces)


class Ramp:
    """A recording whose samples are their own numbers, made where they are read."""

    def __init__(self, n_samples: int) -> None:
        self._n_samples = n_samples

    def __len__(self) -> int:
        return self._n_samples

    def __getitem__(self, index: slice, /) -> Samples:
        return np.arange(*index.indices(self._n_samples), dtype=np.float32)


def _at_a_seam(block: Block, at: int, tolerance: int) -> bool:
    """Whether a sample lies so near to the border of two pieces that rounding decides."""
    seams = np.cumsum([piece.duration * 16_000 for piece in block.pieces])
    return bool(np.abs(seams - at).min() <= tolerance + 1)
