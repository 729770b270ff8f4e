"""From any rate and number of channels to spools of mono float32 at 16 kHz.

soxr rather than FFmpeg's own libswresample: benchmarks/decode.py measures both on tones. Asked
for 16 kHz from 48 kHz, libswresample's default filter lets sound just above 8 kHz fold back into
the band that speech models read, and soxr does not; it also streams without losing a sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.frames import Kind, kind_of, mix_weights, to_array, to_float
from stenograf.audio.spool import Spools
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    import soxr
    from av import AudioFrame

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
        self._pending: list[NDArray[np.generic]] = []
        self._n_pending = 0
        self._stream: soxr.ResampleStream | None = None

    def add(self, frame: AudioFrame) -> None:
        """Take the next frame of a continuous signal."""
        kind = kind_of(frame)
        if kind != self._kind:
            self.flush()
            self._kind, self._weights = kind, mix_weights(frame)
            self._spools.open_channels(kind.n_channels)
        self._pending.append(to_array(frame))
        self._n_pending += frame.samples * kind.n_channels
        if self._n_pending >= BLOCK_VALUES:
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
        self._stream = self._kind = None

    def _convert(self, kind: Kind, *, last: bool) -> None:
        block = self._take_pending(kind)  # (n_samples, n_channels) at the file's rate
        if not self._spools.channels:
            self._spools.mix.append(self._resample(block @ self._weights, kind, last=last))
            return
        resampled = self._resample(block, kind, last=last)  # the same at 16 kHz
        self._spools.mix.append(resampled @ self._weights)
        for index, spool in enumerate(self._spools.channels):
            spool.append(_channel(resampled, index))

    def _take_pending(self, kind: Kind) -> Samples:
        if not self._pending:
            return np.zeros((0, kind.n_channels), dtype=np.float32)
        block = to_float(np.concatenate(self._pending))
        self._pending, self._n_pending = [], 0
        return block

    def _resample(self, block: Samples, kind: Kind, *, last: bool) -> Samples:
        if kind.rate_hz == SAMPLE_RATE_HZ:
            return block
        if self._stream is None:
            self._stream = _new_stream(kind.rate_hz, block.shape[1] if block.ndim > 1 else 1)
        resampled: Samples = self._stream.resample_chunk(np.ascontiguousarray(block), last=last)
        return np.clip(resampled, -1.0, 1.0, out=resampled)


def _channel(block: Samples, index: int) -> Samples:
    """One channel of a block, shape (n_samples,).

    Where the sound turned mono on the way every channel has it; a channel that is gone is silent.
    """
    n_channels = block.shape[1]
    if index < n_channels:
        return block[:, index].copy()
    return block[:, 0].copy() if n_channels == 1 else np.zeros(len(block), dtype=np.float32)


def _new_stream(rate_hz: int, n_channels: int) -> soxr.ResampleStream:
    import soxr

    return soxr.ResampleStream(
        rate_hz, SAMPLE_RATE_HZ, n_channels, dtype="float32", quality=QUALITY
    )
