"""Engines that fail as native code does, for tests of whoever must survive it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import numpy as np

from stenograf.audio.decode import Wishes
from stenograf.core.errors import EngineFailedError
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.ports import (
    Capabilities,
    Diarization,
    OnProgress,
    Recognition,
    ignore_progress,
)
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Word
from stenograf.core.waveform import Waveform
from stenograf.isolation.decoding import FileDecoder, Label
from stenograf.isolation.sound import Blob, Brought
from stenograf.testing.fakes import FakeRecognizer

FOR_EVER_S: Final = 1000


def _segfault() -> None:
    ctypes.string_at(0)


def _kill() -> None:
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _bad_alloc() -> None:
    """As C++ ends a program that catches no std::bad_alloc."""
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def _hold_python() -> None:
    """Hang in native code that never lets another thread run."""
    if sys.platform == "win32":
        ctypes.PyDLL("kernel32").Sleep(1000 * FOR_EVER_S)
    else:
        ctypes.PyDLL(None).sleep(FOR_EVER_S)


def _compute() -> None:
    while True:
        pass


def _no_memory() -> None:
    raise MemoryError


def _cuda_memory() -> None:
    cause = RuntimeError("CUDA failed with error out of memory")
    raise EngineFailedError("Whisper failed: {reason}", reason=str(cause)) from cause


def _bug() -> None:
    raise ZeroDivisionError("a bug")


FAULTS: Final[dict[str, Callable[[], Any]]] = {
    "segfault": _segfault,
    "abort": os.abort,
    "exit": lambda: os._exit(3),
    "leave": sys.exit,
    "kill": _kill,
    "bad_alloc": _bad_alloc,
    "no memory": _no_memory,
    "cuda memory": _cuda_memory,
    "bug": _bug,
    "wait": lambda: threading.Event().wait(FOR_EVER_S),
    "hold": _hold_python,
    "compute": _compute,
}


class BadRecognizer(FakeRecognizer):
    """A FakeRecognizer until `n_words`, then the fault; every time, or while `until` is missing.

    `fault` is a name in FAULTS.
    """

    name: ClassVar[str] = "bad"

    def __init__(self, fault: str, *, n_words: int = 3, until: Path | None = None) -> None:
        super().__init__()
        self._fault = FAULTS[fault]
        self._n_words = n_words
        self._until = until

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words, and then the fault."""
        found = super().recognize(audio, speech, options, on_progress=on_progress)
        return Recognition(self._some(found.words), found.language, found.language_probability)

    def _some(self, words: Iterator[Word]) -> Iterator[Word]:
        for n, word in enumerate(words):
            if n == self._n_words and not (self._until and self._until.exists()):
                if self._until:
                    self._until.touch()
                self._fault()
            yield word


class BadDecoder(FileDecoder):
    """A FileDecoder with a fault in place of its work, every time or while `until` lacks.

    `fault` is a name in FAULTS.
    """

    def __init__(self, fault: str, *, until: Path | None = None) -> None:
        super().__init__()
        self._fault = FAULTS[fault]
        self._until = until

    def decode(
        self, blob: Blob, label: Label, wishes: Wishes, *, on_progress: OnProgress = ignore_progress
    ) -> Brought:
        """Nothing but the fault, or the sound."""
        if not (self._until and self._until.exists()):
            if self._until:
                self._until.touch()
            self._fault()
        return super().decode(blob, label, wishes, on_progress=on_progress)


class BadAtBirth(FakeRecognizer):
    """An engine whose model cannot be loaded."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        FAULTS[fault]()


class HungryRecognizer(FakeRecognizer):
    """Has memory for few words at once: fails after two words unless asked for little.

    Little is a batch, a compute type or blocks as small as `enough` says.
    """

    name: ClassVar[str] = "hungry"

    def __init__(
        self,
        *,
        compute_type: str | None = None,
        enough: dict[str, Any],
        fault: str = "no memory",
        blocks: tuple[tuple[Span, ...], ...] = (),
    ) -> None:
        super().__init__()
        self._blocks = blocks
        self._compute_type = compute_type
        self._enough = enough
        self._fault = FAULTS[fault]

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words that say what was asked for."""
        asked = {
            "batch_size": options.batch_size,
            "compute_type": self._compute_type,
            "max_block_s": options.max_block_s,
        }
        fed = all(asked[name] == value for name, value in self._enough.items())
        found = super().recognize(audio, speech, options, on_progress=on_progress)
        own = (Notice("own", "The engine's own notice."),)
        words = self._words_until(found.words, fed)
        return Recognition(words, "en", 1.0, own, {"en": 1.0}, blocks=self._blocks)

    def _words_until(self, words: Iterator[Word], fed: bool) -> Iterator[Word]:
        for n, word in enumerate(words):
            if n == 2 and not fed:
                self._fault()
            yield word


class Noisy(FakeRecognizer):
    """Prints to standard output and standard error, as native code does, before each word."""

    def __init__(self) -> None:
        super().__init__()
        os.write(1, b"\x00\xff loading the model\n" * 2000)

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words, with noise between them."""
        found = super().recognize(audio, speech, options, on_progress=on_progress)
        return Recognition(map(self._loudly, found.words), found.language)

    def _loudly(self, word: Word) -> Word:
        os.write(1, b"\x93stenograf\n")
        print("garbage", flush=True)  # noqa: T201 - what is tested
        os.write(2, b"garbage\n" * 1000)
        return word


class UnsendableDiarizer:
    """Returns what no process can send to another."""

    name: ClassVar[str] = "unsendable"
    capabilities: ClassVar[Capabilities] = Capabilities()

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """No turns, and a lambda."""
        return Diarization((), (Notice("x", "x", details={"x": lambda: None}),))


class Explaining(UnsendableDiarizer):
    """Fails with an error whose details no process can send to another."""

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Nothing but the error."""
        raise EngineFailedError("It failed in {place}.", place=threading.Lock(), n_frames=7)


class CrashingDiarizer(UnsendableDiarizer):
    """Ends its process."""

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Nothing comes of it."""
        _segfault()
        return Diarization(())


class MeasuringDiarizer(UnsendableDiarizer):
    """A ChannelDiarizer that reports what arrived: lengths and sums of all sounds as notices."""

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """One notice for the one sound."""
        return self.diarize_channels(audio, (), speech, options, on_progress=on_progress)

    def diarize_channels(
        self,
        audio: Waveform,
        channels: Sequence[Waveform],
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """One notice for each sound."""
        on_progress(1.0)
        return Diarization((), tuple(_measured(sound) for sound in (audio, *channels)))


def _measured(sound: Waveform) -> Notice:
    total = float(np.sum(cast("Any", sound[0 : len(sound)]), dtype=np.float64))
    return Notice("measured", "{n_samples}", details={"n_samples": len(sound), "sum": total})
