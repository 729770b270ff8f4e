"""What does one recording cost as a whole: time, memory, and is side by side worth it?

    python -m benchmarks.whole ASSETS --minutes 60

Speech from the test assets is repeated up to the length asked for. Recognition runs a Whisper of
real architecture with random weights in int8 (its time and memory are those of its size; its words
mean nothing), the rest is real. Each row is a process of its own; memory is its peak resident set.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from stenograf.pipeline import TranscribeOptions

SAMPLE_RATE_HZ = 16_000
RUNS = ("in-turn", "side-by-side", "diarize")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("assets", type=Path, metavar="ASSETS")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--size", default="tiny", help="Whisper of this size")
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=RUNS)
    parser.add_argument("--child", nargs=3, metavar=("RUN", "RECORDING", "WHISPER"))
    asked = parser.parse_args()
    if asked.child:
        run, recording, whisper = asked.child
        print(json.dumps(child(run, Path(recording), whisper, asked.batch_size)))
        return
    with tempfile.TemporaryDirectory() as folder:
        from stenograf.testing.whisper import write_random_whisper

        recording, whisper = Path(folder) / "long.wav", Path(folder) / "whisper"
        write_recording(recording, asked.minutes, asked.assets)
        write_random_whisper(whisper, size=asked.size, quantization="int8")
        weights_mb = (whisper / "model.bin").stat().st_size / 1e6
        print(f"Whisper {asked.size}, {weights_mb:.0f} MB of weights, batch {asked.batch_size}\n")
        print("| run | wall s | real-time factor | peak MB | of it before the recording |")
        print("|---|---|---|---|---|")
        for run in asked.runs:
            row = measured(run, recording, whisper, asked)
            print(
                f"| {run} | {row['wall_s']:.1f} | {row['wall_s'] / asked.minutes / 60:.4f} | "
                f"{row['peak_mb']:.0f} | {row['loaded_mb']:.0f} |",
                flush=True,
            )


def write_recording(path: Path, minutes: float, assets: Path) -> None:
    """Speech of several people, repeated: PCM WAV, 16 kHz mono."""
    import soundfile

    clips = sorted(assets.glob("audio/diarization/ami/*.wav"))
    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 1, "PCM_16") as file:
        left, turn = round(minutes * 60 * SAMPLE_RATE_HZ), 0
        while left > 0:
            samples, _ = soundfile.read(clips[turn % len(clips)], dtype="float32")
            file.write(np.asarray(samples[:left]))
            left, turn = left - len(samples), turn + 1


def measured(
    run: str, recording: Path, whisper: Path, asked: argparse.Namespace
) -> dict[str, float]:
    """One row, from a fresh process."""
    command = [sys.executable, "-m", "benchmarks.whole", str(asked.assets)]
    command += ["--batch-size", str(asked.batch_size), "--child", run, str(recording), str(whisper)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, float] = json.loads(done.stdout)
    return row


def child(run: str, recording: Path, whisper: str, batch_size: int) -> dict[str, float]:
    """Load the engines, then work on the recording."""
    from stenograf import app

    options = TranscribeOptions(
        engine="faster-whisper",
        model=whisper,
        language="en",
        batch_size=batch_size,
        guards="none",  # nonsense of random weights would be heard again
    )
    pipeline = app.prepare(options, recognize=run != "diarize")
    pipeline = replace(pipeline, side_by_side=run == "side-by-side")
    loaded_mb = peak_mb()
    started = time.perf_counter()
    transcript = pipeline.run(recording, options)
    wall_s = time.perf_counter() - started
    assert transcript.provenance is not None
    print(run, dict(transcript.provenance.timings), file=sys.stderr)
    return {"wall_s": wall_s, "peak_mb": peak_mb(), "loaded_mb": loaded_mb}


def peak_mb() -> float:
    """Largest resident set of this process so far, in MB (Linux).

    `ru_maxrss` starts at what the parent held when it forked, so the kernel's own mark is read.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
