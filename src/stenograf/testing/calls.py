"""Calls with one party per channel and exact ground truth.

call = build_call([{"anna": clips}, {"boris": clips}], CallPlan(leak_db=-20.0))
call.channels, call.turns
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stenograf.core.transcript import Turn
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, sample_at
from stenograf.testing.meetings import Voices, _excerpt, telephone


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """What a call sounds like; the same plan and parties give the same samples.

    `leak_db` is the level at which each party is heard in the other channels, `leak_delay_s`
    later; None for channels without a leak. `levels_db` are gains by channel, `noise_db` white
    noise on every channel relative to full scale.
    """

    duration_s: float = 60.0
    seed: int = 0
    overlap_ratio: float = 0.15
    turn_s: tuple[float, float] = (1.0, 6.0)
    gap_s: tuple[float, float] = (0.1, 1.0)
    leak_db: float | None = None
    leak_delay_s: float = 0.005
    levels_db: tuple[float, ...] = ()
    noise_db: float = -70.0
    telephone: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A waveform per channel and who truly speaks when; turns in order of start."""

    channels: tuple[Samples, ...]
    turns: tuple[Turn, ...]

    @property
    def mix(self) -> Samples:
        """The mean of the channels."""
        mix: Samples = np.mean(self.channels, axis=0, dtype=np.float32)
        return mix


def build_call(parties: Sequence[Voices], plan: CallPlan) -> Call:
    """Parties take turns until `plan.duration_s` is full; within a party anybody may speak."""
    rng = np.random.default_rng(plan.seed)
    voices = np.zeros((len(parties), sample_at(plan.duration_s)), dtype=np.float32)
    turns: list[Turn] = []
    end_s, party = 0.3, 0
    free_s = [0.0] * len(parties)
    while True:
        name = str(rng.choice(sorted(parties[party])))
        piece, spans = _excerpt(parties[party][name], rng.uniform(*plan.turn_s), rng)
        overlaps = bool(turns) and rng.random() < plan.overlap_ratio
        gap_s = -rng.uniform(0.3, 1.2) if overlaps else rng.uniform(*plan.gap_s)
        start_s = max(end_s + gap_s, free_s[party], 0.0)
        at = sample_at(start_s)
        if at + len(piece) > voices.shape[1]:
            break
        voices[party, at : at + len(piece)] += piece
        turns += [Turn(span.shift(start_s), name) for span in spans]
        end_s = free_s[party] = start_s + len(piece) / SAMPLE_RATE_HZ
        party = (party + int(rng.integers(1, max(2, len(parties))))) % len(parties)
    channels = tuple(_line(voices, i, plan, rng) for i in range(len(parties)))
    return Call(channels, tuple(sorted(turns, key=lambda turn: turn.span)))


def _line(voices: Samples, index: int, plan: CallPlan, rng: np.random.Generator) -> Samples:
    """One channel: its party, the others leaking in, the line's noise."""
    gains = 10 ** (np.asarray(plan.levels_db or (0.0,) * len(voices)) / 20)
    scaled = voices * gains[:, None].astype(np.float32)  # (n_channels, n_samples)
    sound = scaled[index].copy()
    if plan.leak_db is not None:
        delay = sample_at(plan.leak_delay_s)
        others = np.delete(scaled, index, axis=0).sum(axis=0)
        leak = np.concatenate([np.zeros(delay, dtype=np.float32), others[: len(others) - delay]])
        sound += np.float32(10 ** (plan.leak_db / 20)) * leak
    sound += rng.normal(0.0, 10 ** (plan.noise_db / 20), len(sound)).astype(np.float32)
    line: Samples = telephone(sound) if plan.telephone else sound
    return line
