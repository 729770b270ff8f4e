"""Decoded sound while it grows: in memory when short, in a temporary file when long."""

from __future__ import annotations

import os
import tempfile
import threading
from types import TracebackType
from typing import IO, Self

import numpy as np

from stenograf.audio.source import disk_full_translated
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform

IN_MEMORY_SAMPLES = 10 * 60 * SAMPLE_RATE_HZ  # 38 MB: ten minutes
BYTES_PER_SAMPLE = np.dtype(np.float32).itemsize


class SpooledWaveform:
    """A Waveform on disk as float32; slices are fresh arrays, and any thread may take them.

    The file has no name (POSIX) or goes when it is closed (Windows), so that not even a killed
    process leaves hours of speech behind.
    """

    def __init__(self, file: IO[bytes], n_samples: int) -> None:
        self._file = file
        self._n_samples = n_samples
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._n_samples

    @property
    def file(self) -> IO[bytes]:
        """The open file, for another process to read; samples lie in it from the first byte on."""
        return self._file

    def __getitem__(self, index: slice, /) -> Samples:
        start, stop, step = index.indices(self._n_samples)
        if step != 1:
            raise ValueError(f"a waveform is sliced with step 1, not {step}")
        samples = np.empty(max(0, stop - start), dtype=np.float32)
        self._read_into(samples.view(np.uint8).data, start * BYTES_PER_SAMPLE)
        return samples

    def close(self) -> None:
        """Delete the file; slicing fails afterwards."""
        self._file.close()

    def _read_into(self, target: memoryview, offset: int) -> None:
        while len(target):
            n_bytes = self._read_some(target, offset)
            if n_bytes == 0:
                raise EOFError("the temporary file of decoded sound was cut short")
            target, offset = target[n_bytes:], offset + n_bytes

    def _read_some(self, target: memoryview, offset: int) -> int:
        if hasattr(os, "preadv"):  # needs no lock: the file position stays where it is
            return os.preadv(self._file.fileno(), [target], offset)
        if hasattr(os, "pread"):  # the position may be shared with another process
            part = os.pread(self._file.fileno(), len(target), offset)
            target[: len(part)] = part
            return len(part)
        with self._lock:
            self._file.seek(offset)
            return self._file.readinto(target)  # type: ignore[attr-defined, no-any-return]


class Spool:
    """Takes samples in order and becomes a Waveform.

    All-zero blocks are not written but skipped over: filled gaps and digital silence cost no
    disk where the file system knows sparse files.
    """

    def __init__(self, *, in_memory_samples: int = IN_MEMORY_SAMPLES) -> None:
        self._limit = in_memory_samples
        self._blocks: list[Samples] = []
        self._n_samples = 0
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self._n_samples

    def append(self, samples: Samples) -> None:
        """Add samples, shape (n_samples,), at the end; they are kept, not copied.

        Raises DiskFullError.
        """
        if self._file is None and self._n_samples + len(samples) <= self._limit:
            self._blocks.append(samples)
        else:
            self._write(samples)
        self._n_samples += len(samples)

    def append_silence(self, n_samples: int) -> None:
        """Add zeros at the end, at no cost on disk."""
        if self._file is None and self._n_samples + n_samples <= self._limit:
            self._blocks.append(np.zeros(n_samples, dtype=np.float32))
        else:
            self._to_disk()
        self._n_samples += n_samples

    def finish(self) -> Waveform:
        """The sound so far; the spool takes no more. Raises DiskFullError."""
        if self._file is None:
            blocks, self._blocks = self._blocks, []
            return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
        with disk_full_translated():
            self._file.truncate(self._n_samples * BYTES_PER_SAMPLE)
        return SpooledWaveform(self._file, self._n_samples)

    def close(self) -> None:
        """Forget the sound and delete the file."""
        self._blocks = []
        if self._file is not None:
            self._file.close()

    def _to_disk(self) -> IO[bytes]:
        if self._file is None:
            with disk_full_translated():
                self._file = tempfile.TemporaryFile(  # noqa: SIM115  (outlives this function)
                    prefix="stenograf-", buffering=0
                )
            blocks, self._blocks = self._blocks, []
            written, self._n_samples = self._n_samples, 0
            for block in blocks:
                self._write(block)
                self._n_samples += len(block)
            self._n_samples = written
        return self._file

    def _write(self, samples: Samples) -> None:
        file = self._to_disk()
        if not samples.any():
            return
        file.seek(self._n_samples * BYTES_PER_SAMPLE)
        rest = np.ascontiguousarray(samples).view(np.uint8).data
        with disk_full_translated():
            while len(rest):
                rest = rest[file.write(rest) :]


class Spools:
    """The mono mix of a recording and, when split, each of its channels.

    Leaving the `with` block by an error deletes everything.
    """

    def __init__(self, *, split: bool = False, in_memory_samples: int = IN_MEMORY_SAMPLES) -> None:
        self.split = split
        self.mix = Spool(in_memory_samples=in_memory_samples)
        self.channels: tuple[Spool, ...] = ()
        self.n_channels = 0
        self._in_memory_samples = in_memory_samples

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            for spool in self.all():
                spool.close()

    def all(self) -> tuple[Spool, ...]:
        """The mix and the channels."""
        return (self.mix, *self.channels)

    def open_channels(self, n_channels: int) -> None:
        """Learn the number of channels; only the first call counts.

        Channels start with as much silence as the mix has, and share one channel's memory.
        """
        if self.n_channels:
            return
        self.n_channels = n_channels
        if self.split and n_channels > 1:
            limit = self._in_memory_samples // n_channels
            self.channels = tuple(Spool(in_memory_samples=limit) for _ in range(n_channels))
            for spool in self.channels:
                spool.append_silence(len(self.mix))

    def finish(self) -> tuple[Waveform, tuple[Waveform, ...]]:
        """The mix and the channels; a mono recording's only channel is its mix.

        Raises DiskFullError.
        """
        audio = self.mix.finish()
        if self.split and self.n_channels == 1:
            return audio, (audio,)
        return audio, tuple(spool.finish() for spool in self.channels)
