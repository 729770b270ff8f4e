"""What leaks between the channels of a call is told from what is said there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.span import Span, total_duration
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.diarization.bleed import separate

SPOKEN = [[Span(0.0, 4.0)], [Span(5.0, 9.0)]]
BOTH = [Span(0.0, 4.0), Span(5.0, 9.0)]


def babble(seed: int, spans: list[Span], duration_s: float = 10.0) -> Samples:
    """Noise that rises and falls a few times a second inside the spans, as speech does."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(int(duration_s * SAMPLE_RATE_HZ), dtype=np.float32)
    for span in spans:
        n = int(span.duration * SAMPLE_RATE_HZ)
        steps = 10 ** rng.uniform(-1.5, 0.0, int(span.duration * 8) + 2)
        envelope = np.interp(np.arange(n), np.linspace(0, n, len(steps)), steps)
        at = int(span.start * SAMPLE_RATE_HZ)
        sound[at : at + n] = 0.3 * envelope * rng.standard_normal(n)
    return sound


def lines(leak: float, noise: float = 1e-4, seed: int = 0) -> list[Samples]:
    """Two parties that talk after each other, each heard in the other's channel."""
    left, right = (babble(seed + i, spans) for i, spans in enumerate(SPOKEN))
    rng = np.random.default_rng(seed)
    return [
        (sound + noise * rng.standard_normal(len(sound))).astype(np.float32)
        for sound in (left + leak * right, right + leak * left)
    ]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(leak_db=st.floats(-40.0, -11.0), seed=st.integers(0, 1000))
def test_a_leak_is_measured_and_left_out(leak_db: float, seed: int) -> None:
    """Each channel keeps its own turn, whatever a detector hears in it."""
    channels = lines(10 ** (leak_db / 20), seed=seed)
    found = separate(channels, [BOTH, BOTH])
    assert found.is_call
    assert found.leak_db == pytest.approx(leak_db, abs=1.0)
    for own, (spoken,) in zip(found.own, SPOKEN, strict=True):
        assert sum(span.overlap(spoken) for span in own) >= 0.9 * spoken.duration
        assert total_duration(own) <= 1.1 * spoken.duration


@pytest.mark.parametrize("level_db", [-20.0, -10.0, 0.0])
@pytest.mark.parametrize("seed", range(6))
def test_talking_at_once_is_no_leak(level_db: float, seed: int) -> None:
    """Two people who never stop for 20 s are parties, even if one is far from the microphone.

    In a few seconds two levels may be alike by chance, so this does not hold for any length. Their
    quietest moments, a third at worst, pass for noise under the other's voice.
    """
    everything = [Span(0.0, 20.0)]
    channels = [babble(2 * seed + i, everything, 20.0) for i in range(2)]
    channels[1] *= np.float32(10 ** (level_db / 20))
    found = separate(channels, [everything, everything])
    assert found.leak_db == -np.inf
    assert min(total_duration(own) for own in found.own) >= 0.65 * 20.0


def test_a_leak_below_the_noise_is_left_out() -> None:
    """A detector may understand what no level shows."""
    found = separate(lines(10 ** (-40 / 20), noise=0.01), [BOTH, BOTH])
    assert [total_duration(own) for own in found.own] == pytest.approx([4.0, 4.0], abs=0.5)


@pytest.mark.parametrize("gain", [0.5, 0.1])
def test_copies_have_one_party(gain: float) -> None:
    """One voice, quieter on the right: the right channel has nothing of its own."""
    voice = babble(0, BOTH)
    found = separate([voice, voice * np.float32(gain)], [BOTH, BOTH])
    assert not found.is_call
    assert found.parties in ((), (0,))


def test_voices_shared_by_both_channels_are_no_call() -> None:
    """Two microphones in one room."""
    assert not separate(lines(0.7), [BOTH, BOTH]).is_call


def test_own_speech_lies_inside_what_was_detected() -> None:
    """Nothing is added to what the detector found, and spans are sorted and disjoint."""
    speech = [[Span(0.0, 1.0), Span(2.0, 3.5)], [Span(6.0, 7.0)]]
    found = separate(lines(0.05), speech)
    for own, detected in zip(found.own, speech, strict=True):
        assert own == tuple(sorted(own))
        assert all(any(s.start <= o.start and o.end <= s.end for s in detected) for o in own)


def test_nothing_is_found_in_nothing() -> None:
    """Empty and silent channels have no parties."""
    silence = np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)
    assert separate([silence, silence], [[], []]).parties == ()
    assert separate([silence[:0], silence[:0]], [[], []]).parties == ()
