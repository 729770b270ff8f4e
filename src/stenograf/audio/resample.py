"""From any rate and number of channels to spools of mono float32 at 16 kHz.

soxr rather than FFmpeg's own libswresample: a tone of 8.5 kHz at 48 kHz, which must vanish, folds
back to 7.5 kHz at -26 dB in libswresample and below -130 dB in soxr HQ, while one of 7.5 kHz,
which must stay, loses 2.9 dB there and 0.4 dB here (`benchmarks/decode.py`). VHQ gains nothing
that float32 speech could hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stenograf.audio.frames import Kind, kind_of, mix_weights, to_array, to_float
from stenograf.audio.spool import Spools
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    import soxr
    from av import AudioFifo, AudioFrame

BLOCK_VALUES = 1 << 19  # samples times channels that are converted at once: 2 MB as float32
QUALITY = "HQ"


class Resampler:
    """Collects frames into blocks, mixes and resamples them, and fills the spools.

    A change of rate or channels in the middle starts a new filter.
    """

    def __init__(self, spools: Spools) -> None:
        self._spools = spools
        self._kind: Kind | None = None
        self._weights = np.ones(1, dtype=np.float32)
        self._pending: AudioFifo | None = None
        self._stream: soxr.ResampleStream | None = None

    def add(self, frame: AudioFrame) -> None:
        """Take the next frame of a continuous signal."""
        kind = kind_of(frame)
        if kind != self._kind:
            self.flush()
            self._kind, self._weights = kind, mix_weights(frame)
            self._spools.open_channels(kind.n_channels)
        pending = self._pending = self._pending or _new_fifo()
        frame.pts = None  # its time is accounted for; the queue would insist on it
        pending.write(frame)
        if pending.samples * kind.n_channels >= BLOCK_VALUES:
            self._convert(kind, last=False)

    def silence_until(self, n_samples: int) -> None:
        """Fill with zeros up to this many samples at 16 kHz."""
        self.flush()
        for spool in self._spools.all():
            spool.append_silence(max(0, n_samples - len(spool)))

    def flush(self) -> None:
        """Bring everything taken so far into the spools; the next frame starts afresh."""
        if self._kind is not None:
            self._convert(self._kind, last=True)
        self._stream = self._kind = self._pending = None

    def _convert(self, kind: Kind, *, last: bool) -> None:
        block = self._take_pending(kind)  # (n_channels, n_samples) at the file's rate
        if not self._spools.channels:
            mix = self._resample(mix_down(block, self._weights)[None], kind, last=last)
            self._spools.mix.append(mix[0])
            return
        block = self._resample(block, kind, last=last)  # the same at 16 kHz
        self._spools.mix.append(mix_down(block, self._weights))
        for index, spool in enumerate(self._spools.channels):
            spool.append(_channel(block, index))

    def _take_pending(self, kind: Kind) -> Samples:
        frame = self._pending.read() if self._pending is not None else None
        if frame is None:
            return np.zeros((kind.n_channels, 0), dtype=np.float32)
        return to_float(to_array(frame))

    def _resample(self, block: Samples, kind: Kind, *, last: bool) -> Samples:
        if kind.rate_hz == SAMPLE_RATE_HZ:
            return np.clip(block, -1.0, 1.0, out=block)
        if self._stream is None:
            self._stream = _new_stream(kind.rate_hz, len(block))
        resampled: Samples = self._stream.resample_chunk(np.ascontiguousarray(block.T), last=last)
        return np.clip(resampled, -1.0, 1.0, out=resampled).T


def mix_down(block: Samples, weights: Samples) -> Samples:
    """The weighted sum of channels: shape (n_channels, n_samples) to (n_samples,)."""
    mix: Samples = block[0] * weights[0]
    for channel, weight in zip(block[1:], weights[1:], strict=True):
        mix += channel * weight
    return mix


def _channel(block: Samples, index: int) -> Samples:
    """One channel of a block, shape (n_samples,).

    Where the sound turned mono on the way every channel has it; a channel that is gone is silent.
    """
    if index >= len(block) > 1:
        return np.zeros(block.shape[1], dtype=np.float32)
    channel: Samples = block[min(index, len(block) - 1)].copy()
    return channel


def _new_fifo() -> AudioFifo:
    from av import AudioFifo

    return AudioFifo()


def _new_stream(rate_hz: int, n_channels: int) -> soxr.ResampleStream:
    import soxr

    return soxr.ResampleStream(
        rate_hz, SAMPLE_RATE_HZ, n_channels, dtype="float32", quality=QUALITY
    )
