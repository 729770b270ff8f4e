"""The GE2E speaker encoder (Wan et al. 2018, arXiv 1710.10467)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from stenograf.models.checkpoint import Array, read_weights
from stenograf.models.convert.expected import part_of, require_shapes
from stenograf.models.convert.onnx_graph import OnnxGraph

N_MELS: Final = 40
HIDDEN: Final = 256
N_LAYERS: Final = 3


def convert_ge2e(checkpoint: Path | Mapping[str, Array], target: Path) -> None:
    """Write the speaker encoder of Resemblyzer's `pretrained.pt` as ONNX.

    Input `mels` (batch, frames, 40), output `embedding` (batch, 256) of unit length; float32.
    Raises ModelInvalidError if the weights are those of another model.
    """
    weights = checkpoint
    if isinstance(weights, Path):
        weights = read_weights(weights, "model_state")
    require_shapes(weights, _shapes(), model="GE2E")
    graph = OnnxGraph("ge2e")
    x = graph.add("Transpose", "mels", perm=[1, 0, 2])  # (frames, batch, 40)
    lstm = part_of(weights, "lstm")
    for layer in range(N_LAYERS):
        states = graph.lstm(x, lstm, layer, both_ways=False)
        x = graph.add("Squeeze", states, graph.integers(1))  # (frames, batch, 256)
    last = graph.add("Gather", x, graph.constant(np.array(-1)), axis=0)  # (batch, 256)
    projected = graph.linear(last, weights["linear.weight"], weights["linear.bias"])
    positive = graph.add("Relu", projected)
    length = graph.add("ReduceL2", positive, axes=[1], keepdims=1)
    graph.add("Div", positive, length, output="embedding")
    graph.save(
        target,
        inputs={"mels": ("batch", "frames", N_MELS)},
        outputs={"embedding": ("batch", HIDDEN)},
        metadata={
            "license": "Apache-2.0",
            "source": "Resemblyzer 0.1.4, resemblyzer/pretrained.pt",
        },
    )


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    for layer in range(N_LAYERS):
        yield f"lstm.weight_ih_l{layer}", (4 * HIDDEN, HIDDEN if layer else N_MELS)
        yield f"lstm.weight_hh_l{layer}", (4 * HIDDEN, HIDDEN)
        yield f"lstm.bias_ih_l{layer}", (4 * HIDDEN,)
        yield f"lstm.bias_hh_l{layer}", (4 * HIDDEN,)
    yield "linear.weight", (HIDDEN, HIDDEN)
    yield "linear.bias", (HIDDEN,)
