"""Is our voice detector as fast and as small as the one inside faster-whisper?

    python -m benchmarks.vad ASSETS [--minutes 20] [--rounds 5]

Both run the same network on one thread over the same recording, in turns, each side in its own
process so that peak memory is its own. The ratio is taken within a round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.testing.sound import read_speech


def recording(assets: Path, minutes: float) -> Samples:
    clips = [read_speech(p) for p in sorted(assets.glob("audio/speakers/test-other/*/*.flac"))]
    pause = np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)
    once = np.concatenate([part for clip in clips for part in (clip, pause)])
    return np.resize(once, int(minutes * 60 * SAMPLE_RATE_HZ))


def run_ours(audio: Samples) -> int:
    from stenograf.engines.vad.silero import SileroDetector
    from stenograf.models.bundled import silero_weights

    return len(SileroDetector(silero_weights()).detect(audio))


def run_theirs(audio: Samples) -> int:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    # The values of our VadOptions, so that both find the same speech.
    options = VadOptions(
        threshold=0.4,
        neg_threshold=0.25,
        min_speech_duration_ms=100,
        min_silence_duration_ms=500,
        speech_pad_ms=300,
        max_speech_duration_s=30.0,
    )
    return len(get_speech_timestamps(audio, options))


SIDES = {"ours": run_ours, "faster-whisper": run_theirs}


def measure_here(side: str, path: Path) -> None:
    """Time and memory above the loaded audio; the first, untimed run pays imports and loading."""
    audio = np.load(path)
    SIDES[side](audio[: 10 * SAMPLE_RATE_HZ])
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    n_spans = SIDES[side](audio)
    seconds = time.perf_counter() - started
    peak = peak_bytes() - before
    print(json.dumps({"seconds": seconds, "peak_mb": peak / 1e6, "spans": n_spans}))


def peak_bytes() -> int:
    info = psutil.Process().memory_info()
    if sys.platform == "win32":
        return int(info.peak_wset)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(side: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.vad", "--side", side, str(path)]
    answer: dict[str, float] = json.loads(subprocess.check_output(command))
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", choices=SIDES)
    args = parser.parse_args()
    if args.side:
        measure_here(args.side, args.path)
        return
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audio.npy")
        np.save(path, recording(args.path, args.minutes))
        rounds = [{side: measure(side, path) for side in SIDES} for _ in range(args.rounds)]
    print("| side | seconds (median) | peak above the audio, MB | spans |\n|---|---|---|---|")
    for side in SIDES:
        seconds = statistics.median(r[side]["seconds"] for r in rounds)
        peak = max(r[side]["peak_mb"] for r in rounds)
        print(f"| {side} | {seconds:.2f} | {peak:.0f} | {rounds[0][side]['spans']} |")
    ratios = [r["ours"]["seconds"] / r["faster-whisper"]["seconds"] for r in rounds]
    ratio = statistics.median(ratios)
    print(f"\nratio ours / theirs: {ratio:.2f} (of {len(ratios)} paired rounds)")


if __name__ == "__main__":
    main()
