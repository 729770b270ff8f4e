"""The WeSpeaker ResNet34 speaker embedding, cut in two.

The trunk turns fbank frames into features; the head is what follows the pooling. Pooling itself
stays outside, in float32, so that one run of the trunk serves every speaker of a window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from stenograf.models.checkpoint import Array, read_weights
from stenograf.models.convert.expected import part_of, require_shapes
from stenograf.models.convert.onnx_graph import OnnxGraph
from stenograf.models.staging import staged_file

MODEL: Final = "WeSpeaker ResNet34"
N_MELS: Final = 80
N_BLOCKS: Final = (3, 4, 6, 3)
CHANNELS: Final = (32, 64, 128, 256)
N_FEATURES: Final = CHANNELS[-1] * N_MELS // 8
N_DIMENSIONS: Final = 256
BATCH_NORM_EPSILON: Final = 1e-5


def convert_wespeaker(
    checkpoint: Path | Mapping[str, Array], trunk_target: Path, head_target: Path
) -> None:
    """Write `pytorch_model.bin` of wespeaker-voxceleb-resnet34-LM as a trunk and a head.

    The trunk is ONNX: input `fbank` (batch, frames, 80), mean-subtracted; output `features`
    (batch, 2560, ceil(frames / 8)). The head is an .npz: `embedding = weight @ statistics + bias`
    with weight (256, 5120) and bias (256,), where statistics are the weighted means of the
    features followed by their standard deviations.
    """
    weights = checkpoint
    if isinstance(weights, Path):
        weights = read_weights(weights, "state_dict")
    weights = (
        part_of(weights, "resnet") or weights
    )  # pyannote's prefix; WeSpeaker's files have none
    require_shapes(weights, _shapes(), model=MODEL)
    graph = OnnxGraph("wespeaker-resnet34-trunk")
    x = graph.add("Transpose", "fbank", perm=[0, 2, 1])  # (batch, 80, frames)
    x = graph.add("Unsqueeze", x, graph.integers(1))  # (batch, 1, 80, frames)
    x = graph.add("Relu", _convolve(graph, x, weights, ("conv1", "bn1"), stride=1))
    for layer, n_blocks in enumerate(N_BLOCKS, start=1):
        for block in range(n_blocks):
            stride = 2 if layer > 1 and block == 0 else 1
            x = _block(graph, x, part_of(weights, f"layer{layer}.{block}"), stride=stride)
    graph.add("Reshape", x, graph.integers(0, N_FEATURES, -1), output="features")
    graph.save(
        trunk_target,
        inputs={"fbank": ("batch", "frames", N_MELS)},
        outputs={"features": ("batch", N_FEATURES, "frames_8")},
        metadata={
            "license": "CC-BY-4.0, WeSpeaker",
            "source": "pyannote/wespeaker-voxceleb-resnet34-LM",
        },
    )
    _save_head(weights, head_target)


def _save_head(weights: Mapping[str, Array], target: Path) -> None:
    with staged_file(target) as part, part.open("wb") as file:
        np.savez(
            file,
            weight=weights["seg_1.weight"].astype(np.float32),
            bias=weights["seg_1.bias"].astype(np.float32),
        )


def _block(graph: OnnxGraph, x: str, weights: Mapping[str, Array], *, stride: int) -> str:
    inner = graph.add("Relu", _convolve(graph, x, weights, ("conv1", "bn1"), stride=stride))
    inner = _convolve(graph, inner, weights, ("conv2", "bn2"), stride=1)
    if "shortcut.0.weight" in weights:
        x = _convolve(graph, x, weights, ("shortcut.0", "shortcut.1"), stride=stride)
    return graph.add("Relu", graph.add("Add", inner, x))


def _convolve(
    graph: OnnxGraph, x: str, weights: Mapping[str, Array], names: tuple[str, str], *, stride: int
) -> str:
    """A convolution with the batch norm after it folded into its weights."""
    conv, norm = names
    kernel = weights[f"{conv}.weight"].astype(np.float64)
    variance = weights[f"{norm}.running_var"].astype(np.float64)
    scale = weights[f"{norm}.weight"] / np.sqrt(variance + BATCH_NORM_EPSILON)
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    folded = (kernel * scale[:, None, None, None]).astype(np.float32)
    pads = [kernel.shape[2] // 2] * 4
    constants = graph.constant(folded), graph.constant(bias.astype(np.float32))
    return graph.add("Conv", x, *constants, strides=[stride, stride], pads=pads)


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _convolution("conv1", "bn1", (CHANNELS[0], 1, 3, 3))
    before = CHANNELS[0]
    for layer, (n_blocks, channels) in enumerate(zip(N_BLOCKS, CHANNELS, strict=True), start=1):
        for block in range(n_blocks):
            name = f"layer{layer}.{block}"
            yield from _convolution(f"{name}.conv1", f"{name}.bn1", (channels, before, 3, 3))
            yield from _convolution(f"{name}.conv2", f"{name}.bn2", (channels, channels, 3, 3))
            if before != channels:
                shortcut = f"{name}.shortcut"
                shape = (channels, before, 1, 1)
                yield from _convolution(f"{shortcut}.0", f"{shortcut}.1", shape)
            before = channels
    yield "seg_1.weight", (N_DIMENSIONS, 2 * N_FEATURES)
    yield "seg_1.bias", (N_DIMENSIONS,)


def _convolution(
    conv: str, norm: str, shape: tuple[int, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{conv}.weight", shape
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{norm}.{part}", shape[:1]
