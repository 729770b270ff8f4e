"""Decoded frames in order, with what went wrong counted and every gap in time measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

GAP_TOLERANCE_S = 0.1  # above the jitter of millisecond clocks and codec delay, below a syllable
LONGEST_GAP_S = 24 * 3600.0  # a muted track may be silent all day; more is a broken time stamp
RESTART_S = 1.0  # a step back this far begins a new clock: two recordings glued together

# FFmpeg makes up the time stamps of these from the first frame's rate: they say nothing about
# gaps, and are wrong once the rate changes.
WITHOUT_CLOCK = frozenset(
    {"aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "au", "caf", "dts", "eac3", "mp3", "w64", "wav"}
)

# ITU-R BS.775 for two fronts, normalised: the centre carries the speech of a film, the
# low-frequency channel none.
_WEIGHTS = {"FC": 1.0, "FL": 0.707, "FR": 0.707, "LFE": 0.0, "LFE2": 0.0}
_SURROUND_WEIGHT = 0.5


@dataclass(slots=True)
class Damage:
    """What could not be decoded, and where the recording's clock is not smooth."""

    n_errors: int = 0
    n_gaps: int = 0
    gap_s: float = 0.0
    n_time_jumps: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """What must stay the same for frames to be one continuous signal."""

    sample_format: str
    rate_hz: int
    layout: str
    n_channels: int


def kind_of(frame: AudioFrame) -> Kind:
    """Sample format, rate and channels of a frame."""
    return Kind(frame.format.name, frame.sample_rate, frame.layout.name, frame.layout.nb_channels)


def decode_frames(
    container: InputContainer, stream: AudioStream, damage: Damage
) -> Iterator[tuple[int | None, AudioFrame]]:
    """Each frame and the byte where its packet begins; what cannot be decoded is counted."""
    import av

    packets = container.demux(stream)
    was_corrupt = False  # FFmpeg marks the last packet of any stream without an end
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:  # the container itself is broken here: no way to the next packet
            damage.n_errors += 1
            yield from _drain(stream, damage)
            return
        damage.n_errors += was_corrupt and packet.size > 0
        was_corrupt = packet.is_corrupt
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damage.n_errors += 1
            was_corrupt = False
            continue
        for frame in frames:
            yield packet.pos, frame


def _drain(stream: AudioStream, damage: Damage) -> Iterator[tuple[int | None, AudioFrame]]:
    """What the decoder still holds after its last packet."""
    import av

    try:
        for frame in stream.codec_context.decode(None):
            yield None, frame
    except av.FFmpegError:
        damage.n_errors += 1


class Clock:
    """Where frames belong on the recording's own clock, which starts where its first track does.

    Browser recordings and dropped packets leave holes between time stamps; without silence in
    their place every later word would come too early.
    """

    def __init__(self, origin_s: float, format: str) -> None:
        self._origin_s = origin_s
        self._has_stamps = format not in WITHOUT_CLOCK
        self._gaps_are_damage = format == "flac"  # its frames are numbered, none left out
        self._position_s = 0.0
        self._tick_s: float | None = None
        self._next_stamp_s: float | None = None

    def place(self, frame: AudioFrame, damage: Damage) -> tuple[float, float]:
        """Where the frame starts and how much silence is before it, both in seconds.

        The silence is 0.0 when the frame follows on.
        """
        duration = frame.samples / frame.sample_rate
        gap = 0.0
        if self._has_stamps and frame.pts is not None:
            stamp = frame.pts * self._tick(frame)
            self._follow_restart(stamp, damage)
            gap = self._gap(stamp, damage)
            self._next_stamp_s = stamp + duration
        start = self._position_s + gap
        self._position_s = start + duration
        return start, gap

    def _tick(self, frame: AudioFrame) -> float:
        """Seconds per unit of a time stamp: one number for the whole track, asked for once."""
        if self._tick_s is None:
            self._tick_s = float(frame.time_base or 0.0)
        return self._tick_s

    def _follow_restart(self, stamp: float, damage: Damage) -> None:
        previous = self._next_stamp_s
        if previous is not None and stamp - previous < -RESTART_S:
            self._origin_s = stamp - self._position_s
            damage.n_time_jumps += 1

    def _gap(self, stamp: float, damage: Damage) -> float:
        gap = stamp - self._origin_s - self._position_s
        if gap > LONGEST_GAP_S:
            self._origin_s = stamp - self._position_s
            damage.n_time_jumps += 1
            return 0.0
        if gap <= GAP_TOLERANCE_S:
            return 0.0
        if self._next_stamp_s is not None:  # a late start is no gap: the film began before it
            damage.n_gaps += 1
            damage.n_errors += self._gaps_are_damage
            damage.gap_s += gap
        return gap


def to_array(frame: AudioFrame) -> NDArray[np.generic]:
    """The frame's samples in their own type, shape (n_channels, n_samples)."""
    array: NDArray[np.generic] = frame.to_ndarray()
    if frame.format.is_planar:
        return array
    return array.reshape(frame.samples, frame.layout.nb_channels).T


def to_float(samples: NDArray[np.generic]) -> NDArray[np.float32]:
    """Samples of any type as new float32, integers in [-1, 1); what is no number becomes silence.

    >>> to_float(np.asarray([0, 192], dtype=np.uint8))
    array([-1. ,  0.5], dtype=float32)
    """
    with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite, and then 1
        floats = samples.astype(np.float32)
    if samples.dtype.kind == "f":
        if not np.isfinite(floats).all():
            np.nan_to_num(floats, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        return floats
    full_scale = 2.0 ** (8 * samples.dtype.itemsize - 1)
    if samples.dtype.kind == "u":
        floats -= np.float32(full_scale)
    floats *= np.float32(1.0 / full_scale)
    return floats


def mix_weights(frame: AudioFrame) -> NDArray[np.float32]:
    """Weight of each channel in the mono mix, shape (n_channels,), summing to 1."""
    n_channels = frame.layout.nb_channels
    names = [channel.name for channel in frame.layout.channels] if n_channels > 2 else []
    weights = [_WEIGHTS.get(name, _SURROUND_WEIGHT) for name in names]
    if len(weights) != n_channels or "FL" not in names:  # stereo, or a row of microphones
        weights = [1.0] * n_channels
    return np.asarray(weights, dtype=np.float32) / np.float32(sum(weights))
