"""Which speech of each channel is its own, and which is another channel's leaking in.

Everything rests on levels: what leaks from channel j into channel i is quieter there by a constant
gain. That gain is measured while j is the louder one, and what i holds beyond it is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform

FRAME_SAMPLES: Final = SAMPLE_RATE_HZ // 50  # 20 ms
FRAME_S: Final = FRAME_SAMPLES / SAMPLE_RATE_HZ
BLOCK_FRAMES: Final = 50 * 30
SMOOTH_FRAMES: Final = 5  # syllables differ in colour, and a leak has its own filter
ECHO_FRAMES: Final = 12  # how long a room or a line keeps a leak after its source: 0.24 s
MAJORITY_FRAMES: Final = 15  # 0.3 s
LEAST_EVIDENCE_FRAMES: Final = 125  # 2.5 s: in less, the levels of two voices are alike by chance
NOISE_HEADROOM: Final = 2.0  # noise wavers around its quiet moments
MARGIN: Final = 4.0  # own speech is 6 dB above what leaks in
LEAST_LIKENESS: Final = 0.75  # leaks reach 0.78 to 0.99, two voices 0.63 (benchmarks/channels.py)
TINY: Final = 1e-12
LEAST_PARTY_S: Final = 0.5
LONGEST_PAUSE_S: Final = 0.3
SEPARATE_DB: Final = -10.0

Powers = NDArray[np.float64]
"""Mean square per channel and frame, shape (n_channels, n_frames)."""
Levels = NDArray[np.float64]
"""Mean square per frame, shape (n_frames,)."""
Mask = NDArray[np.bool_]
"""Shape (n_channels, n_frames)."""


@dataclass(frozen=True, slots=True)
class Separation:
    """`own` are the spans in which each channel holds a voice of its own, in channel order.

    `leak_db` is the loudest level at which one channel is heard in another, relative to its own;
    -inf where nothing leaks.
    """

    own: tuple[tuple[Span, ...], ...]
    leak_db: float

    @property
    def parties(self) -> tuple[int, ...]:
        """Channels with enough speech of their own, in channel order."""
        spoken = enumerate(self.own)
        return tuple(i for i, spans in spoken if total_duration(spans) >= LEAST_PARTY_S)

    @property
    def is_call(self) -> bool:
        """Whether two channels or more hold one party each."""
        return len(self.parties) > 1 and self.leak_db <= SEPARATE_DB


def own_speech(
    channels: Sequence[Waveform], speech: Sequence[Sequence[Span]]
) -> tuple[tuple[Span, ...], ...]:
    """As the port says: empty where channels share their voices, or all but one are silent."""
    found = separate(channels, speech)
    return found.own if found.is_call else ()


def separate(channels: Sequence[Waveform], speech: Sequence[Sequence[Span]]) -> Separation:
    """Take from each channel's speech what leaked in; `speech` holds sorted spans per channel."""
    powers, voiced = _measured(channels, speech)
    gains = leak_gains(powers, voiced)
    own = voiced & (powers > MARGIN * _leaked(powers, gains))
    own = _mean(own.astype(np.float64), MAJORITY_FRAMES) > 0.5
    kept = tuple(
        tuple(union(intersect(spans, _spans(mask)), max_gap=LONGEST_PAUSE_S))
        for spans, mask in zip(speech, own, strict=True)
    )
    loudest = float(gains.max(initial=0.0))
    return Separation(kept, 10 * float(np.log10(loudest)) if loudest > 0.0 else -np.inf)


def leak_gains(powers: Powers, voiced: Mask) -> Powers:
    """Power gain from channel j (column) into channel i (row), shape (n_channels, n_channels).

    The median over frames in which j speaks and is the louder one, the noise of i taken off; 0
    where there are too few such frames to tell, or where i does not rise and fall with j.
    """
    smooth = _mean(powers, SMOOTH_FRAMES)
    noise = NOISE_HEADROOM * _noise(smooth)
    gains = np.zeros((len(powers), len(powers)))
    for i, j, evidence in _led(smooth, voiced):
        if _likeness(smooth[i], smooth[j], evidence) >= LEAST_LIKENESS:
            leaks = np.maximum(smooth[i, evidence] - noise[i], 0.0)
            gains[i, j] = np.median(leaks / smooth[j, evidence])
    return gains


def likenesses(channels: Sequence[Waveform], speech: Sequence[Sequence[Span]]) -> list[float]:
    """How closely each channel's level follows each other one's, where there is enough to tell."""
    powers, voiced = _measured(channels, speech)
    smooth = _mean(powers, SMOOTH_FRAMES)
    return [_likeness(smooth[i], smooth[j], evidence) for i, j, evidence in _led(smooth, voiced)]


def _measured(
    channels: Sequence[Waveform], speech: Sequence[Sequence[Span]]
) -> tuple[Powers, Mask]:
    powers = np.stack([_power(channel) for channel in channels])
    return powers, np.stack([_frames(spans, powers.shape[1]) for spans in speech])


def _led(smooth: Powers, voiced: Mask) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """Channels i and j, and the frames in which j speaks and is the louder one: enough of them."""
    for i, j in permutations(range(len(smooth)), 2):
        evidence = voiced[j] & (smooth[j] >= smooth[i]) & (smooth[j] > 0.0)
        if evidence.sum() >= LEAST_EVIDENCE_FRAMES:
            yield i, j, evidence


def _likeness(follower: Levels, leader: Levels, at: NDArray[np.bool_]) -> float:
    """The best correlation of one channel's level with the other's, up to the delay of an echo.

    Two people who talk at once are no leak, however long they do. 0 where a level never changes.
    """
    levels = np.log(follower[at] + TINY)
    found = [0.0]
    for delay in range(0, ECHO_FRAMES, 2):
        led = np.log(np.roll(leader, delay)[at] + TINY)
        if levels.std() > 0.0 and led.std() > 0.0:
            found.append(float(np.corrcoef(levels, led)[0, 1]))
    return max(found)


def _mean(levels: Powers, n_frames: int) -> Powers:
    """The mean of each frame and those around it."""
    from scipy.ndimage import uniform_filter1d

    means: Powers = uniform_filter1d(levels, n_frames, axis=1)
    return means


def _noise(powers: Powers) -> Levels:
    """What each channel holds in its quiet moments, shape (n_channels,)."""
    return np.percentile(powers, 10, axis=1) if powers.size else np.zeros(len(powers))


def _leaked(powers: Powers, gains: Powers) -> Powers:
    """The most that may have leaked into each channel, shape (n_channels, n_frames).

    At least the noise while another channel is louder: a leak below the noise is still speech.
    """
    from scipy.ndimage import maximum_filter1d

    ahead = ECHO_FRAMES // 2 - 1  # the filter looks back only, and one frame ahead
    held = maximum_filter1d(powers, ECHO_FRAMES, axis=1, origin=ahead)
    noise = _noise(_mean(powers, SMOOTH_FRAMES))
    leaks = np.zeros_like(powers)
    for i, row in enumerate(gains):
        for j, gain in enumerate(row):
            if i != j:
                at_least = np.where(held[j] > powers[i], noise[i], 0.0)
                np.maximum(leaks[i], np.maximum(gain * held[j], at_least), out=leaks[i])
    return leaks


def _power(channel: Waveform) -> Levels:
    """Mean square per started frame, shape (n_frames,)."""
    parts = [np.zeros(0)]
    block_samples = BLOCK_FRAMES * FRAME_SAMPLES
    for start in range(0, len(channel), block_samples):
        samples = channel[start : min(start + block_samples, len(channel))]
        padded = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES))
        frames = padded.reshape(-1, FRAME_SAMPLES)  # (n_frames, samples)
        parts.append(np.mean(np.square(frames, dtype=np.float64), axis=1))
    return np.concatenate(parts)


def _frames(spans: Sequence[Span], n_frames: int) -> NDArray[np.bool_]:
    mask = np.zeros(n_frames, dtype=np.bool_)
    for span in spans:
        mask[int(span.start / FRAME_S) : int(np.ceil(span.end / FRAME_S))] = True
    return mask


def _spans(mask: NDArray[np.bool_]) -> list[Span]:
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)) * FRAME_S
    return [Span(float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
