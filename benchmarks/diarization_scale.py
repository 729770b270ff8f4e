"""Do time per hour and memory of the default diarizer hold from ten minutes to a day?

    python -m benchmarks.diarization_scale ASSETS [--minutes 10 60] [--hop 1] [--heard 5]

AMI speech repeated on disk, real segmentation and PLDA, random ResNet34 (converting it needs torch
and pyannote.audio, running it does not). Each length is a process of its own: wall-clock and
processor seconds with imports, peak resident memory with weights (Linux).

With `--heard M` the networks hear the first M minutes only; who talks is then repeated to the full
length, and voices are drawn anew for every window: eight people whose embeddings have cosines of
about 0.75 with themselves. Rows say what clustering and turns then cost; the networks' share of
longer recordings is not measured so.
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

from stenograf.audio.spool import Spool
from stenograf.core.options import DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s
from stenograf.engines.diarization.labelling import Embeddings, VbxLabeller
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.relabelling import Heard, evidence_of, recluster
from stenograf.engines.diarization.resnet import ResNetEmbedder
from stenograf.engines.diarization.segmentation import Activity, count_windows

N_SPEAKERS = 8
LIKENESS = 0.75  # cosine of a speaker's embeddings


def recording(home: Path, minutes: float) -> Waveform:
    """The prepared sound again and again, on disk as the product keeps it."""
    sound = np.load(home / "sound.npy")
    spool, left = Spool(), round(minutes * 60 * SAMPLE_RATE_HZ)
    while left > 0:
        spool.append(sound[:left])
        left -= len(sound)
    return spool.finish()


def diarizer(home: Path, hop_s: float, threads: int) -> OnnxDiarizer:
    return OnnxDiarizer(
        home / "segmentation.onnx",
        ResNetEmbedder(home / "trunk.onnx", home / "head.npz", n_threads=threads),
        VbxLabeller(load_plda(home / "plda")),
        options=OnnxOptions(hop_s=hop_s),
        n_threads=threads,
    )


def whole(home: Path, args: argparse.Namespace) -> dict[str, float]:
    """Everything is heard."""
    started, used = time.perf_counter(), time.process_time()
    audio = recording(home, args.minutes[0])
    prepared = time.perf_counter() - started, time.process_time() - used
    speech = [Span(0.0, duration_s(audio))]
    engine = diarizer(home, args.hop, args.threads)
    turns = engine.diarize(audio, speech, DiarizationOptions()).turns
    return {
        "speakers": len({turn.speaker for turn in turns}),
        "prepared": prepared[0],
        "prepared_cpu": prepared[1],
    }


def repeated(home: Path, args: argparse.Namespace) -> dict[str, float]:
    """A part is heard; voices are drawn, clustered and made turns."""
    engine = diarizer(home, args.hop, args.threads)
    activity, embeddings = engine.analyse(recording(home, args.heard))
    seconds = args.minutes[0] * 60
    n_windows = count_windows(round(seconds * SAMPLE_RATE_HZ), round(args.hop * SAMPLE_RATE_HZ))
    activity = np.resize(activity, (n_windows, *activity.shape[1:]))
    voices = drawn(activity, embeddings.shape[-1])
    del embeddings
    started, used = time.perf_counter(), time.process_time()
    heard = Heard(activity, voices, seconds, args.hop)
    labeller = VbxLabeller(load_plda(home / "plda"))
    evidence = evidence_of(heard, [Span(0.0, seconds)], labeller, "wespeaker-resnet34")
    assert evidence is not None
    found = recluster(evidence, DiarizationOptions())
    return {
        "speakers": len({turn.speaker for turn in found.turns}),
        "wall": time.perf_counter() - started,
        "cpu": time.process_time() - used,
    }


def drawn(activity: Activity, n_dimensions: int) -> Embeddings:
    """Embeddings where somebody talks, (n_windows, 3, d); one person goes on for a minute."""
    rng = np.random.default_rng(0)
    people = rng.normal(size=(N_SPEAKERS, n_dimensions)).astype(np.float32)
    windows, locals_ = np.nonzero(activity.any(axis=1))
    who = (windows // 30 + locals_ + rng.integers(0, 2, len(windows))) % N_SPEAKERS
    spread = np.sqrt(1 / LIKENESS - 1)
    voices = np.full((*activity.shape[::2], n_dimensions), np.nan, dtype=np.float32)
    for part in np.array_split(np.arange(len(windows)), 1 + len(windows) // 1000):
        noise = rng.normal(0, spread, (len(part), n_dimensions)).astype(np.float32)
        voices[windows[part], locals_[part]] = people[who[part]] + noise
    return voices


def measured(args: argparse.Namespace, home: Path, minutes: float) -> dict[str, float]:
    """One length in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.diarization_scale", str(args.assets), "--child"]
    command += ["--home", str(home), "--minutes", str(minutes), "--hop", str(args.hop)]
    command += ["--threads", str(args.threads), "--heard", str(args.heard)]
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds, after = time.perf_counter() - started, os.times()
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    if not args.heard:
        found["wall"] = seconds - found["prepared"]
        found["cpu"] = used - found["prepared_cpu"]
    return found


def peak_mb() -> float:
    """The most memory this process ever held, shared libraries included."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0])
    parser.add_argument("--hop", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--heard", type=float, default=0.0, help="minutes; 0 hears everything")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help="weights and sound of an earlier run")
    args = parser.parse_args()
    if args.child:
        found = (repeated if args.heard else whole)(args.home, args)
        print(json.dumps(found | {"peak": peak_mb()}))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = args.home or Path(folder)
        if args.home is None:
            from benchmarks.diarization import prepare

            prepare(args.assets, home, seconds=300.0)
        print("| recording | wall s | per hour | processor s | per hour | peak MB | speakers |")
        print("|---|---|---|---|---|---|---|")
        for minutes in args.minutes:
            found = measured(args, home, minutes)
            wall, cpu, hours = found["wall"], found["cpu"], minutes / 60
            print(
                f"| {minutes:g} min | {wall:.1f} | {wall / hours:.1f} | {cpu:.1f} "
                f"| {cpu / hours:.1f} | {found['peak']:.0f} | {found['speakers']} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
