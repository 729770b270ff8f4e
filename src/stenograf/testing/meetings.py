"""Meetings with exact ground truth, built from clips of single speakers.

voices = read_voices(assets / "audio/speakers/test-other")
meeting = build_meeting(voices, MeetingPlan(n_speakers=3, duration_s=60.0))
meeting.samples, meeting.turns
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stenograf.core.span import Span, union
from stenograf.core.transcript import Turn
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, sample_at
from stenograf.testing.sound import read_speech

FRAME_SAMPLES = SAMPLE_RATE_HZ // 50  # 20 ms
SPEECH_BELOW_LOUD_DB = 30.0
LONGEST_PAUSE_S = 0.25
SHORTEST_SPEECH_S = 0.1
TELEPHONE_BAND_HZ = (300.0, 3400.0)
LEVEL_SPREAD_DB = 6.0

Voices = Mapping[str, Sequence[Samples]]
"""Clips by speaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPlan:
    """What a meeting sounds like; the same plan and voices give the same samples.

    `overlap_ratio` is the share of turns that begin before the turn before has ended, by up to
    1.5 s. `turn_s` and `gap_s` bound uniform draws in seconds. `snr_db` adds white noise that far
    below the speech; `telephone` keeps 300 to 3400 Hz.
    """

    n_speakers: int = 2
    duration_s: float = 60.0
    seed: int = 0
    overlap_ratio: float = 0.1
    turn_s: tuple[float, float] = (1.0, 8.0)
    gap_s: tuple[float, float] = (0.1, 1.2)
    snr_db: float | None = None
    telephone: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """Sound and who truly speaks when, pauses left out; turns in order of start."""

    samples: Samples
    turns: tuple[Turn, ...]


def read_voices(folder: Path) -> dict[str, list[Samples]]:
    """Clips by speaker: one folder per speaker, or files named `speaker-*` side by side."""
    voices: dict[str, list[Samples]] = {}
    for path in sorted([*folder.rglob("*.flac"), *folder.rglob("*.wav")]):
        speaker = path.parent.name if path.parent != folder else path.stem.split("-")[0]
        voices.setdefault(speaker, []).append(read_speech(path))
    return voices


def speech_spans(samples: Samples) -> list[Span]:
    """Where a clean clip holds speech, by energy of 20 ms frames.

    A frame is speech within 30 dB of the clip's loud frames (95th percentile); pauses up to
    0.25 s belong to the speech around them, sounds shorter than 0.1 s do not count.
    """
    n_frames = len(samples) // FRAME_SAMPLES
    frames = samples[: n_frames * FRAME_SAMPLES].reshape(n_frames, FRAME_SAMPLES)
    level_db = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
    if n_frames == 0:
        return []
    loud = level_db > max(np.percentile(level_db, 95) - SPEECH_BELOW_LOUD_DB, -80.0)
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    at_s = edges * FRAME_SAMPLES / SAMPLE_RATE_HZ
    spans = [Span(float(a), float(b)) for a, b in zip(at_s[::2], at_s[1::2], strict=True)]
    return [s for s in union(spans, max_gap=LONGEST_PAUSE_S) if s.duration >= SHORTEST_SPEECH_S]


def build_meeting(voices: Voices, plan: MeetingPlan) -> Meeting:
    """Draw speakers and turns until `plan.duration_s` is full; everybody speaks early on."""
    rng = np.random.default_rng(plan.seed)
    chosen = [str(name) for name in rng.permutation(sorted(voices))[: plan.n_speakers]]
    if len(chosen) < plan.n_speakers:
        raise ValueError(f"{plan.n_speakers} speakers asked for, {len(voices)} voices given")
    gains = 10 ** (rng.uniform(-LEVEL_SPREAD_DB, 0.0, len(chosen)) / 20)
    levels = dict(zip(chosen, gains, strict=True))
    mix = np.zeros(sample_at(plan.duration_s), dtype=np.float32)
    turns: list[Turn] = []
    end_s = float(rng.uniform(*plan.gap_s))
    free_s = dict.fromkeys(chosen, 0.0)
    for speaker in _order(chosen, rng):
        piece, spans = _excerpt(voices[speaker], rng.uniform(*plan.turn_s), rng)
        start_s = max(end_s + _gap(plan, turns, rng), free_s[speaker])
        at = sample_at(start_s)
        if at + len(piece) > len(mix):
            break
        mix[at : at + len(piece)] += piece * np.float32(levels[speaker])
        turns += [Turn(span.shift(start_s), speaker) for span in spans]
        end_s = free_s[speaker] = start_s + len(piece) / SAMPLE_RATE_HZ
    sound = _distort(mix, plan, rng)
    return Meeting(sound, tuple(sorted(turns, key=lambda turn: turn.span)))


def _order(chosen: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Speakers without end: first each once, then at random, nobody twice in a row."""
    yield from chosen
    last = chosen[-1]
    while True:
        others = [name for name in chosen if name != last] or list(chosen)
        last = others[int(rng.integers(len(others)))]
        yield last


def _gap(plan: MeetingPlan, turns: Sequence[Turn], rng: np.random.Generator) -> float:
    """Seconds from the end of one turn to the start of the next; negative where they overlap."""
    if turns and plan.n_speakers > 1 and rng.random() < plan.overlap_ratio:
        return -float(rng.uniform(0.3, max(0.4, min(1.5, turns[-1].span.duration))))
    return float(rng.uniform(*plan.gap_s))


def _excerpt(
    clips: Sequence[Samples], seconds: float, rng: np.random.Generator
) -> tuple[Samples, list[Span]]:
    """About `seconds` of one clip, cut in pauses, with its speech on the excerpt's own clock."""
    clip = clips[int(rng.integers(len(clips)))]
    spans = speech_spans(clip)
    if not spans:
        raise ValueError("a clip holds no speech")
    first = int(rng.integers(len(spans)))
    last = first
    while last + 1 < len(spans) and spans[last].end - spans[first].start < seconds:
        last += 1
    start, end = spans[first].start, spans[last].end
    piece = clip[sample_at(start) : sample_at(end)]
    return piece, [span.shift(-start) for span in spans[first : last + 1]]


def _distort(mix: Samples, plan: MeetingPlan, rng: np.random.Generator) -> Samples:
    peak = float(np.abs(mix).max(initial=0.0))
    sound = mix / np.float32(max(1.0, peak / 0.95))
    if plan.snr_db is not None:
        speech = sound[sound != 0.0]
        power = float(np.mean(np.square(speech))) if len(speech) else 1e-4
        deviation = np.sqrt(power / 10 ** (plan.snr_db / 10))
        sound = sound + rng.normal(0.0, deviation, len(sound)).astype(np.float32)
    if plan.telephone:
        sound = telephone(sound)
    clipped: Samples = np.clip(sound, -1.0, 1.0)
    return clipped


def telephone(samples: Samples) -> Samples:
    """Only 300 to 3400 Hz, as a telephone line carries (ITU-T G.712)."""
    from scipy.signal import butter, sosfiltfilt

    sections = butter(4, TELEPHONE_BAND_HZ, btype="bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    filtered: Samples = sosfiltfilt(sections, samples).astype(np.float32)
    return filtered
