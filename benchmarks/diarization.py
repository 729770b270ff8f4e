"""How long does diarization take beside pyannote.audio, with the same weights?

    python -m benchmarks.diarization ASSETS [--seconds 60] [--pairs 2] [--threads 2] [--hops 1 2]

Real segmentation and PLDA, seeded random ResNet34, community-1 clustering. Whole processes are
timed, imports and model loading included, in turn: pyannote.audio with each of `--batches` (32 as
shipped; none leaves it out), then ours. Processor time hardly depends on what else the machine
does, wall-clock time does. The last lines of the table say what the networks' multiply-adds cost
at the speed that one core of this machine multiplies matrices with, and the column `of the limit`
how many times that a process takes. Needs torch and pyannote.audio 4.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stenograf.core.span import Span
from stenograf.testing.pyannote import (
    embedding_network,
    save_checkpoint,
    segmentation_network,
)
from stenograf.testing.sound import read_speech

SEGMENTATION_TFLOP_PER_HOUR = 9.5  # windows of 10 s every second
TRUNK_TFLOP_PER_HOUR = 16.3  # once over the recording


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one process, by the clock and of all cores together, and its peak in MB."""

    wall_s: float
    processor_s: float
    peak_mb: float


def prepare(assets: Path, home: Path, seconds: float) -> None:
    """Weights in both forms, and the sound: the AMI excerpts end to end, repeated."""
    from pyannote.audio.models.embedding import WeSpeakerResNet34

    from stenograf.models.convert import convert_segmentation, convert_wespeaker

    import torch  # isort: skip
    from safetensors.torch import load_file  # isort: skip

    torch.manual_seed(0)
    embedding: Any = WeSpeakerResNet34()
    torch.save({"state_dict": embedding.state_dict()}, home / "resnet.bin")
    convert_wespeaker(home / "resnet.bin", home / "trunk.onnx", home / "head.npz")
    weights = load_file(assets / "models/segmentation-3.0/state_dict.safetensors")
    convert_segmentation(
        {name: value.numpy() for name, value in weights.items()}, home / "segmentation.onnx"
    )
    shutil.copytree(assets / "models/community-1-plda", home / "plda")
    paths = sorted((assets / "audio/diarization/ami").glob("*.wav"))
    sound = np.concatenate([read_speech(path) for path in paths])
    np.save(home / "sound.npy", np.resize(sound, round(seconds * 16_000)).astype(np.float32))


def ours(home: Path, hop_s: float, threads: int) -> int:
    """Turns found by the `fast` mode."""
    from stenograf.core.options import DiarizationOptions
    from stenograf.engines.diarization.labelling import VbxLabeller
    from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
    from stenograf.engines.diarization.plda import load_plda
    from stenograf.engines.diarization.resnet import ResNetEmbedder

    sound = np.load(home / "sound.npy", mmap_mode="r")
    embedder = ResNetEmbedder(home / "trunk.onnx", home / "head.npz", n_threads=threads)
    diarizer = OnnxDiarizer(
        home / "segmentation.onnx",
        embedder,
        VbxLabeller(load_plda(home / "plda")),
        options=OnnxOptions(hop_s=hop_s),
        n_threads=threads,
    )
    everything = [Span(0.0, len(sound) / 16_000)]
    return len(diarizer.diarize(sound, everything, DiarizationOptions()).turns)


def pyannotes(home: Path, assets: Path, batch: int, threads: int) -> int:
    """Turns found by pyannote.audio's own pipeline."""
    return len(pyannote_turns(home, assets, batch=batch, threads=threads))


def pyannote_turns(home: Path, assets: Path, *, batch: int, threads: int) -> list[tuple[Span, str]]:
    """Who speaks when in `sound.npy`, by pyannote.audio's own pipeline."""
    import warnings

    warnings.simplefilter("ignore")
    import torch
    from pyannote.audio.core.plda import PLDA
    from pyannote.audio.pipelines import SpeakerDiarization

    torch.set_num_threads(threads)
    segmentation = segmentation_network(assets / "models")
    embedding = embedding_network()
    embedding.load_state_dict(torch.load(home / "resnet.bin")["state_dict"])
    checkpoint = save_checkpoint(embedding.eval(), home / "embedding" / "pytorch_model.bin")
    pipeline: Any = SpeakerDiarization(
        segmentation=segmentation.eval(),
        embedding=str(checkpoint),
        embedding_exclude_overlap=True,
        segmentation_batch_size=batch,
        embedding_batch_size=batch,
        clustering="VBxClustering",
        plda=PLDA(home / "plda/xvec_transform.npz", home / "plda/plda.npz"),
    ).instantiate(
        {
            "clustering": {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8},
            "segmentation": {"min_duration_off": 0.0},
        }
    )
    sound = torch.from_numpy(np.load(home / "sound.npy"))[None]
    result = pipeline({"waveform": sound, "sample_rate": 16_000, "uri": "sound"})
    tracks = result.speaker_diarization.itertracks(yield_label=True)
    return [(Span(turn.start, turn.end), str(speaker)) for turn, _, speaker in tracks]


def timed(args: argparse.Namespace, home: Path, side: str, value: float) -> Cost:
    """What a process of its own takes."""
    import psutil

    command = [sys.executable, "-m", "benchmarks.diarization", str(args.assets), "--child", side]
    command += ["--home", str(home), "--value", str(value), "--threads", str(args.threads)]
    environment = os.environ | {
        "OMP_NUM_THREADS": str(args.threads),
        "PYANNOTE_METRICS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
    }
    started, before, peak = time.perf_counter(), children_s(), 0.0
    child = psutil.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    while child.poll() is None:
        try:
            peak = max(peak, child.memory_info().rss / 1e6)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    output = child.communicate()[0]
    if child.returncode != 0 or "n_turns" not in json.loads(output.splitlines()[-1]):
        raise RuntimeError(f"{side} failed")
    return Cost(seconds, children_s() - before, peak)


def children_s() -> float:
    """Processor time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def matrix_gflops(size: int) -> float:
    """Multiply-adds of float32 matrices per second of one core, times two, in billions.

    The best of torch and onnxruntime, which do not use the same instructions on every processor.
    """
    import onnxruntime
    import torch
    from onnx import TensorProto, helper

    torch.set_num_threads(1)
    left, right = torch.rand(size, size), torch.rand(size, size)
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [size, size]) for n in "xyz"]
    product = helper.make_node("MatMul", ["x", "y"], ["z"])
    graph = helper.make_graph([product], "product", values[:2], values[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    feed = {"x": left.numpy(), "y": right.numpy()}
    times = [processor_s(lambda: torch.mm(left, right)) for _ in range(8)]
    times += [processor_s(lambda: session.run(None, feed)) for _ in range(8)]
    return 2 * size**3 / min(times) / 1e9


def processor_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hops", type=float, nargs="+", default=[1.0, 2.0])
    parser.add_argument("--batches", type=int, nargs="*", default=[32], help="32 as shipped")
    parser.add_argument("--child", choices=["ours", "pyannote"], help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--value", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child == "ours":
        print(json.dumps({"n_turns": ours(args.home, args.value, args.threads)}))
    elif args.child:
        n_turns = pyannotes(args.home, args.assets, int(args.value), args.threads)
        print(json.dumps({"n_turns": n_turns}))
    else:
        compare(args)


def compare(args: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepare(args.assets, home, args.seconds)
        sides = [("pyannote", float(batch)) for batch in args.batches]
        sides += [("ours", hop) for hop in args.hops]
        found: dict[tuple[str, float], list[Cost]] = {side: [] for side in sides}
        for _ in range(args.pairs):
            for side in sides:
                found[side].append(timed(args, home, *side))
    gflops = max(matrix_gflops(size) for size in (512, 1024, 2048))
    report(args, found, gflops)


def report(
    args: argparse.Namespace, found: dict[tuple[str, float], list[Cost]], gflops: float
) -> None:
    """The table; the best of each side counts, by each clock."""
    wall = {side: min(cost.wall_s for cost in costs) for side, costs in found.items()}
    busy = {side: min(cost.processor_s for cost in costs) for side, costs in found.items()}
    theirs = [side for side in found if side[0] == "pyannote"]  # as shipped comes first
    print(f"{args.seconds:.0f} s of sound, {args.threads} threads, best of {args.pairs}\n")
    print("| process | wall s | real-time factor | processor s | of the limit | peak MB |", end="")
    print(" than as shipped | than its best |\n" + "|---" * 8 + "|")
    for (kind, value), costs in found.items():
        name = (
            f"pyannote.audio, batch {value:.0f}"
            if kind == "pyannote"
            else f"`onnx`, hop {value:g} s"
        )
        side = kind, value
        limit = f"{busy[side] / limit_s(args.seconds, value, gflops):.2f}" if kind == "ours" else ""
        times = ["", ""]
        if theirs:
            slow = busy[theirs[0]], min(busy[each] for each in theirs)
            times = [f"{each / busy[side]:.1f}" for each in slow]
        print(
            f"| {name} | {wall[side]:.1f} | {wall[side] / args.seconds:.3f} | {busy[side]:.1f} "
            f"| {limit} | {max(cost.peak_mb for cost in costs):.0f} | {times[0]} | {times[1]} |"
        )
    for hop in args.hops:
        limit_of_hop = limit_s(args.seconds, hop, gflops)
        rate = limit_of_hop / args.seconds / args.threads
        print(f"| limit, {gflops:.0f} GFLOP/s a core, hop {hop:g} s | | {rate:.3f} ", end="")
        print(f"| {limit_of_hop:.1f} | | | | |")


def limit_s(seconds: float, hop_s: float, gflops: float) -> float:
    """Processor time of the networks' multiply-adds."""
    work = SEGMENTATION_TFLOP_PER_HOUR / hop_s + TRUNK_TFLOP_PER_HOUR
    return work * 1000 / 3600 * seconds / gflops


if __name__ == "__main__":
    main()
