"""Does a parent survive whatever happens to the children that run its engines?

    python -m benchmarks.kills ASSETS [--kills 1000]

Each engine does the same job over and over in a child that gets a random deadly signal at a
random moment, loading included. A job may be complete (with the right result) or fail with one
of our errors; the parent may lose nothing and keep nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.transcript import Recording
from stenograf.core.waveform import duration_s
from stenograf.isolation import (
    Isolated,
    IsolatedDecoder,
    IsolatedDetector,
    IsolatedRecognizer,
    Recipe,
    isolated_diarizer,
)
from stenograf.testing.fakes import FakeRecognizer
from stenograf.testing.kills import Kills, Traces, kill_at_random
from stenograf.testing.sound import read_speech
from stenograf.testing.whisper import write_random_whisper

Job = tuple[Isolated, Callable[[], Any]]


def fake(assets: Path, _: Path) -> Job:
    return _recognizing(assets, Recipe.of(FakeRecognizer))


def silero(assets: Path, _: Path) -> Job:
    from stenograf.engines.vad.silero import SileroDetector
    from stenograf.models.bundled import silero_weights

    audio = read_speech(assets / "audio/diarization/pyannote-sample/sample.wav")
    detector = IsolatedDetector(Recipe.of(SileroDetector, silero_weights()))
    return detector, lambda: detector.detect(audio)


def basic(assets: Path, _: Path) -> Job:
    from stenograf.engines.diarization.basic import BasicDiarizer

    audio = read_speech(assets / "audio/diarization/pyannote-sample/sample.wav")
    speech = [Span(0.0, duration_s(audio))]
    diarizer = isolated_diarizer(
        Recipe.of(BasicDiarizer, assets / "models/ge2e/ge2e.onnx", n_threads=1)
    )
    return diarizer, lambda: diarizer.diarize(audio, speech, DiarizationOptions()).turns


def whisper(assets: Path, folder: Path) -> Job:
    from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer

    weights = write_random_whisper(folder)
    return _recognizing(assets, Recipe.of(FasterWhisperRecognizer, weights, n_threads=1))


def _recognizing(assets: Path, recipe: Recipe[Any]) -> Job:
    audio = read_speech(assets / "audio/asr/jfk.flac")
    recognizer = IsolatedRecognizer(recipe)
    speech, options = [Span(0.0, duration_s(audio))], AsrOptions(language="en")
    return recognizer, lambda: list(recognizer.recognize(audio, speech, options).words)


def decoding(assets: Path, _: Path) -> Job:
    decoder = IsolatedDecoder()

    def job() -> tuple[Recording, float]:
        with decoder.decode(assets / "audio/asr/jfk.flac") as found:
            return found.recording, float(np.sum(found.audio[:], dtype=np.float64))

    return decoder, job


ENGINES: dict[str, Callable[[Path, Path], Job]] = {
    "fake": fake,
    "silero": silero,
    "basic": basic,
    "whisper": whisper,
    "decoding": decoding,
}
AT_ONCE = 2
PARTS = {"whisper": 0.05, "fake": 0.35, "decoding": 0.25, "silero": 0.25, "basic": 0.1}
"""Of all kills: most on what starts quickly, some on each native runtime."""


HEADER = (
    "| engine | kills that met a child | jobs | slowest job, s "
    "| left: processes/descriptors/threads/temporary files | parent's memory, MB | s |"
)


def row(name: str, kills: Kills, before: Traces, after: Traces, seconds: float) -> str:
    outcomes = ", ".join(f"{count} {what}" for what, count in kills.outcomes.most_common())
    hits = ", ".join(f"{count} {name}" for name, count in sorted(kills.signals.items()))
    left = (
        after.n_children,
        after.n_files - before.n_files,
        after.n_threads - before.n_threads,
        after.n_temporary - before.n_temporary,
    )
    return (
        f"| {name} | {kills.n_hit} ({hits}) | {outcomes} | {kills.slowest_s:.1f} "
        f"| {'/'.join(map(str, left))} | {after.rss_mb - before.rss_mb:+.0f} | {seconds:.0f} |"
    )


def measure_here(assets: Path, name: str, n_kills: int) -> None:
    """One engine; temporary files are counted in a folder that only this process has."""
    with tempfile.TemporaryDirectory() as folder:
        engine, job = ENGINES[name](assets, Path(folder) / "weights")
        job()
        engine.close()
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        before, started = Traces.now(), time.perf_counter()
        kills = kill_at_random(engine, job, n_kills)
        engine.close()
        seconds = time.perf_counter() - started
        print(row(name, kills, before, Traces.settled(before), seconds))


def measure(name: str, n_kills: int) -> str:
    """In a process of its own, because what is left there is counted."""
    command = [sys.executable, "-m", "benchmarks.kills", sys.argv[1], "--child", name]
    done = subprocess.run(
        [*command, "--kills", str(n_kills)], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("assets", type=Path)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--child", choices=ENGINES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        measure_here(arguments.assets, arguments.child, arguments.kills)
        return
    print(HEADER)
    print("|---|---|---|---|---|---|---|", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shares = [round(part * arguments.kills) for part in PARTS.values()]
        for line in pool.map(measure, PARTS, shares):
            print(line, flush=True)


if __name__ == "__main__":
    main()
