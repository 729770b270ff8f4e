"""A worker process for tests: `python -m stenograf.testing.worker DIR WORK NAME`.

Each block that is begun becomes a line of DIR/blocks.log: of the fake engine the job's id and when
the block starts, of the real one a digest of its sound.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from stenograf.core.options import AsrOptions
from stenograf.core.ports import OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import Waveform
from stenograf.isolation import IsolatedRecognizer, Recipe
from stenograf.jobs import Checkpoints, EmbeddedWorker, Job, Work
from stenograf.jobs.supervised import run_supervised
from stenograf.jobs.transcribing import Transcribing
from stenograf.library import Library, open_library
from stenograf.pipeline import OnEvent, Pipeline, TranscribeOptions
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.whisper import LoggingWhisper

BLOCK_S: Final = 0.04


class LoggingRecognizer(FakeRecognizer):
    """A recognizer that takes its time over each block and writes down that it began it."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log
        self.job_id = ""

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """As the fake, slower."""
        found = super().recognize(audio, speech, options, on_progress=on_progress)
        return replace(found, words=self._slowly(found.words))

    def _slowly(self, words: Iterator[Word]) -> Iterator[Word]:
        n_begun = len(self.heard)
        for word in words:
            if len(self.heard) > n_begun:
                n_begun = len(self.heard)
                with self.log.open("a") as log:
                    log.write(f"{self.job_id} {self.heard[-1].start:.1f}\n")
                time.sleep(BLOCK_S)
            yield word


def transcribing(library: Library, folder: Path) -> Work:
    """The product's own work with fake engines."""
    recognizer = LoggingRecognizer(folder / "blocks.log")

    def prepare(options: TranscribeOptions, *, recognize: bool, on_event: OnEvent) -> Pipeline:
        return Pipeline(FakeDetector(), recognizer, diarizer=FakeDiarizer(), side_by_side=False)

    work = Transcribing(library, prepare)

    def logged(job: Job, checkpoints: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        recognizer.job_id = job.id
        return work(job, checkpoints, on_event)

    return logged


def whisper(library: Library, folder: Path) -> Work:
    """The product's own work with the Whisper in DIR/whisper, in a process of its own."""
    recipe = Recipe.of(LoggingWhisper, folder / "whisper", folder / "blocks.log")
    recognizer = IsolatedRecognizer(recipe)

    def prepare(options: TranscribeOptions, *, recognize: bool, on_event: OnEvent) -> Pipeline:
        return Pipeline(FakeDetector(), recognizer)

    return Transcribing(library, prepare)


def deadly(library: Library, folder: Path) -> Work:
    """Kills its process each time."""

    def work(job: Job, checkpoints: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    return work


def deaf(library: Library, folder: Path) -> Work:
    """Never looks up, as native code in a long call; holds 200 MB."""

    def work(job: Job, checkpoints: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        held = bytearray(200_000_000)
        held[::4096] = b"x" * len(held[::4096])
        time.sleep(600)
        return {"held": len(held)}

    return work


WORKS: Final[dict[str, Callable[[Library, Path], Work]]] = {
    "transcribing": transcribing,
    "whisper": whisper,
    "deadly": deadly,
    "deaf": deaf,
}


def main(folder: str, work: str, name: str) -> None:
    """Be a worker of the library in the folder."""
    with open_library(Path(folder)) as library:
        worker = EmbeddedWorker(library.engine)
        run_supervised(worker, WORKS[work](library, Path(folder)), name=name)


if __name__ == "__main__":
    main(*sys.argv[1:])
