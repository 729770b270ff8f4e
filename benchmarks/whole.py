"""What does one recording cost as a whole: time, memory, and is side by side worth it?

    python -m benchmarks.whole --minutes 60

Speech from the test assets is repeated up to the length asked for. Recognition runs a Whisper of
real architecture with random weights (its time is that of its size; its words mean nothing), the
rest is real. Each row is a process of its own; peak memory is that process's resident set.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ASSETS = Path(os.environ.get("STENOGRAF_TEST_ASSETS", "../shared/assets"))
SAMPLE_RATE_HZ = 16_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--child", choices=["side-by-side", "in-turn", "diarize"])
    parser.add_argument("paths", nargs="*", type=Path)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(child(asked.child, *asked.paths)))
        return
    with tempfile.TemporaryDirectory() as folder:
        recording, whisper = Path(folder) / "long.wav", Path(folder) / "whisper"
        write_recording(recording, asked.minutes)
        from stenograf.testing.whisper import write_random_whisper

        write_random_whisper(whisper, size="tiny")
        print("| run | wall s | real-time factor | peak resident MB | of it before the recording |")
        print("|---|---|---|---|---|")
        for kind in ("in-turn", "side-by-side", "diarize"):
            row = measured(kind, recording, whisper)
            print(
                f"| {kind} | {row['wall_s']:.1f} | {row['wall_s'] / asked.minutes / 60:.4f} | "
                f"{row['peak_mb']:.0f} | {row['loaded_mb']:.0f} |"
            )


def write_recording(path: Path, minutes: float) -> None:
    """Speech of several people, repeated: PCM WAV, 16 kHz mono."""
    import soundfile

    clips = sorted(ASSETS.glob("audio/diarization/ami/*.wav"))
    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 1, "PCM_16") as file:
        left, turn = round(minutes * 60 * SAMPLE_RATE_HZ), 0
        while left > 0:
            samples, _ = soundfile.read(clips[turn % len(clips)], dtype="float32")
            file.write(np.asarray(samples[:left]))
            left, turn = left - len(samples), turn + 1


def measured(kind: str, *paths: Path) -> dict[str, float]:
    """One row, from a fresh process."""
    command = [sys.executable, "-m", "benchmarks.whole", "--child", kind, *map(str, paths)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, float] = json.loads(done.stdout)
    return row


def child(kind: str, recording: Path, whisper: Path) -> dict[str, float]:
    """Load the engines, then work on the recording."""
    from dataclasses import replace

    from stenograf import app
    from stenograf.pipeline import TranscribeOptions

    options = TranscribeOptions(engine="faster-whisper", model=str(whisper), language="en")
    pipeline = app.prepare(options, recognize=kind != "diarize")
    pipeline = replace(pipeline, side_by_side=kind == "side-by-side")
    loaded_mb = peak_mb()
    started = time.perf_counter()
    transcript = pipeline.run(recording, options)
    wall_s = time.perf_counter() - started
    assert transcript.provenance is not None
    print(kind, dict(transcript.provenance.timings), file=sys.stderr)
    return {"wall_s": wall_s, "peak_mb": peak_mb(), "loaded_mb": loaded_mb}


def peak_mb() -> float:
    """Largest resident set of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
