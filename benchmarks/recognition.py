"""What does recognition cost beside faster-whisper's own pipelines, and the whole beside WhisperX?

    python -m benchmarks.recognition ASSETS [--seconds 300] [--whole-seconds 60] [--pairs 3]
        [--parts recognition whole overlap] [--device cuda] [--batch-size 16]

Whisper of full size with random weights in int8, on a GPU in float16, that says 100 tokens a block
and then ends, real segmentation and PLDA, random ResNet34 and wav2vec2. Sides run in turn, each a
process of its own that imports, loads, decodes the file and gives words with times; ratios are
medians over the rounds. Processor time hardly depends on what else the machine does. Needs torch,
torchaudio and pyannote.audio 4.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks._recognition import COMPUTE_TYPES, LETTERS, SIDES, Found, Task
from benchmarks.diarization import prepare as prepare_diarization
from benchmarks.whole import peak_mb
from stenograf.testing.whisper import SHAPES, write_random_whisper

TOKENS_PER_BLOCK = 100  # 30 s of speech: about 75 words
RECOGNITION = ("ours", "faster-whisper batched", "faster-whisper sequential")
WHOLE = ("ours, whole", "ours, whole, exact word times", "WhisperX's manner")
OVERLAP = ("words alone", "speakers alone", "side by side")
STAGES = ("decode", "detect", "recognize", "align", "diarize", "attribute")


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall-clock and processor seconds, peak memory in MB, what it found."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    found: Found


def main() -> None:
    """Print a table for recognition alone and one for the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--size", default="small")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--whole-seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument(
        "--parts", nargs="+", choices=["recognition", "whole", "overlap"], default=None
    )
    parser.add_argument("--child", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        task = Task(asked.home, asked.assets, asked.threads, asked.batch_size, asked.device)
        found = SIDES[asked.child](task)
        print(json.dumps({**found, "peak_mb": peak_mb()}))
        return
    parts = asked.parts or ["recognition", "whole"]
    if "recognition" in parts:
        compare(asked, asked.seconds, RECOGNITION)
    if "whole" in parts:
        compare(asked, asked.whole_seconds, WHOLE)
    if "overlap" in parts:
        compare(asked, asked.whole_seconds, OVERLAP)


def compare(asked: argparse.Namespace, seconds: float, sides: Sequence[str]) -> None:
    """One table: the sides in turn, round after round."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(asked, Path(folder), seconds, with_networks=sides is not RECOGNITION)
        rounds = [
            {side: timed(asked, Path(folder), side) for side in sides} for _ in range(asked.pairs)
        ]
    print(
        f"\nWhisper {asked.size}, {seconds:.0f} s of sound, {asked.device}, "
        f"{asked.threads} threads, batch {asked.batch_size}, best of {asked.pairs}\n"
    )
    print("| process | wall s | processor s | real-time factor | peak MB | words |")
    print("|---|---|---|---|---|---|")
    for side in sides:
        runs = [one[side] for one in rounds]
        wall_s, cpu_s = min(run.wall_s for run in runs), min(run.cpu_s for run in runs)
        peak = max(run.peak_mb for run in runs)
        print(
            f"| {side} | {wall_s:.1f} | {cpu_s:.1f} | {wall_s / seconds:.3f} | {peak:.0f} "
            f"| {runs[0].found['n_words']:.0f} |"
        )
    first = sides[0]
    for other in sides[1:]:
        wall = median(one[first].wall_s / one[other].wall_s for one in rounds)
        cpu = median(one[first].cpu_s / one[other].cpu_s for one in rounds)
        print(f"\n{first} / {other}: {wall:.3f} of the time, {cpu:.3f} of the processor time")
    if sides is OVERLAP:
        ratios = [against_slowest_stage(one) for one in rounds]
        told = ", ".join(f"{ratio:.3f}" for ratio in ratios)
        print(f"\nside by side / slowest stage alone: median {median(ratios):.3f} of {told}")
    for side in sides:
        found = rounds[0][side].found
        slowest_s = max(found.get(stage, 0.0) for stage in STAGES)
        total_s = found.get("total") or sum(found.get(stage, 0.0) for stage in STAGES)
        print(f"\n{side}: {total_s / slowest_s:.2f} times the slowest stage; {found}")


def against_slowest_stage(one: dict[str, Run]) -> float:
    """All stages side by side, by the slowest stage where it runs alone; loading left out."""
    alone = [one[side].found.get(stage, 0.0) for side in OVERLAP[:2] for stage in STAGES]
    return one["side by side"].found["total"] / max(alone)


def prepare(asked: argparse.Namespace, home: Path, seconds: float, *, with_networks: bool) -> None:
    """Sound and weights for one length of recording."""
    import soundfile
    import torch
    import torchaudio

    prepare_diarization(asked.assets, home, seconds)
    soundfile.write(home / "sound.wav", np.load(home / "sound.npy"), 16_000, subtype="PCM_16")
    shape = replace(SHAPES[asked.size], n_tokens=TOKENS_PER_BLOCK)
    write_random_whisper(home / "whisper", size=shape, quantization=COMPUTE_TYPES[asked.device])
    if with_networks:
        torch.manual_seed(0)
        network = torchaudio.models.wav2vec2_base(aux_num_out=len(LETTERS)).eval()
        torch.save(network.state_dict(), home / "wav2vec2.pt")
        write_wav2vec2(network, home / "wav2vec2")


def write_wav2vec2(network: Any, folder: Path) -> None:
    """The network as our aligner reads it: ONNX with a vocabulary."""
    import torch

    folder.mkdir()
    torch.onnx.export(
        network,
        (torch.zeros(1, 32_000),),
        folder / "model.onnx",
        input_names=["input_values"],
        output_names=["logits"],
        dynamic_axes={"input_values": {1: "n_samples"}, "logits": {1: "n_frames"}},
        dynamo=False,
    )
    tokens = {"<pad>": 0, **{letter: i for i, letter in enumerate(LETTERS) if i}}
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    plain = json.dumps({"do_normalize": False})
    (folder / "preprocessor_config.json").write_text(plain, encoding="utf-8")


def timed(asked: argparse.Namespace, home: Path, side: str) -> Run:
    """A process of its own from start to end."""
    command = [sys.executable, "-m", "benchmarks.recognition", str(asked.assets)]
    command += ["--child", side, "--home", str(home), "--threads", str(asked.threads)]
    command += ["--batch-size", str(asked.batch_size), "--device", asked.device]
    environment = os.environ | {
        "OMP_NUM_THREADS": str(asked.threads),
        "PYANNOTE_METRICS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
    }
    started = perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall_s = perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{side} failed")
    found: Found = json.loads(output.splitlines()[-1])
    print(f"{side}: {wall_s:.1f} s", file=sys.stderr, flush=True)
    return Run(wall_s, usage.ru_utime + usage.ru_stime, found.pop("peak_mb"), found)


if __name__ == "__main__":
    main()
