"""How long does diarization take beside pyannote.audio, with the same weights?

    python -m benchmarks.diarization ASSETS [--seconds 60] [--pairs 2] [--threads 2] [--hops 1 2]

Real segmentation and PLDA, seeded random ResNet34, community-1 clustering. Whole processes are
timed, imports and model loading included, in turn: pyannote.audio with each of `--batches` (32 as
shipped), then ours. The last lines of the table say what the networks' multiply-adds cost at the
speed that this machine multiplies matrices with. Needs torch and pyannote.audio 4.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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


def timed(args: argparse.Namespace, home: Path, side: str, value: float) -> tuple[float, float]:
    """Wall-clock seconds and peak memory in MB of a process of its own."""
    import psutil

    command = [sys.executable, "-m", "benchmarks.diarization", str(args.assets), "--child", side]
    command += ["--home", str(home), "--value", str(value), "--threads", str(args.threads)]
    environment = os.environ | {
        "OMP_NUM_THREADS": str(args.threads),
        "PYANNOTE_METRICS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
    }
    started, peak = time.perf_counter(), 0.0
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
    return seconds, peak


def matrix_gflops(threads: int) -> float:
    """Multiply-adds of float32 matrices per second, times two, in billions.

    The best of torch and onnxruntime, which do not use the same instructions on every processor.
    """
    import onnxruntime
    import torch
    from onnx import TensorProto, helper

    torch.set_num_threads(threads)
    size = 2048
    left, right = torch.rand(size, size), torch.rand(size, size)
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [size, size]) for n in "xyz"]
    product = helper.make_node("MatMul", ["x", "y"], ["z"])
    graph = helper.make_graph([product], "product", values[:2], values[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    feed = {"x": left.numpy(), "y": right.numpy()}
    times = [seconds(lambda: torch.mm(left, right)) for _ in range(5)]
    times += [seconds(lambda: session.run(None, feed)) for _ in range(5)]
    return 2 * size**3 / min(times) / 1e9


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hops", type=float, nargs="+", default=[1.0, 2.0])
    parser.add_argument("--batches", type=int, nargs="+", default=[32], help="32 as shipped")
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
        found: dict[tuple[str, float], list[tuple[float, float]]] = {side: [] for side in sides}
        for _ in range(args.pairs):
            for side in sides:
                found[side].append(timed(args, home, *side))
    best = {side: min(seconds for seconds, _ in runs) for side, runs in found.items()}
    theirs = [best[side] for side in sides if side[0] == "pyannote"]  # as shipped comes first
    print(f"{args.seconds:.0f} s of sound, {args.threads} threads, best of {args.pairs}\n")
    print("| process | wall s | real-time factor | peak MB | than as shipped | than its best |")
    print("|---|---|---|---|---|---|")
    for side in sides:
        peak = max(peak for _, peak in found[side])
        name = f"pyannote.audio, batch {side[1]:.0f}"
        if side[0] == "ours":
            name = f"`onnx`, hop {side[1]:g} s"
        times = [f"{slow / best[side]:.1f}" for slow in (theirs[0], min(theirs))]
        print(
            f"| {name} | {best[side]:.1f} | {best[side] / args.seconds:.3f} "
            f"| {peak:.0f} | {times[0]} | {times[1]} |"
        )
    gflops = matrix_gflops(args.threads)
    for hop in args.hops:
        work = SEGMENTATION_TFLOP_PER_HOUR / hop + TRUNK_TFLOP_PER_HOUR
        limit = work * 1000 / 3600 / gflops
        print(f"| limit at {gflops:.0f} GFLOP/s, hop {hop:g} s | | {limit:.3f} | | | |")


if __name__ == "__main__":
    main()
