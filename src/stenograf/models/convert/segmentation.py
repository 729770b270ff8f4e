"""Pyannote's segmentation-3.0: who of up to three speakers talks, frame by frame.

PyanNet is SincNet (Ravanelli and Bengio 2018, arXiv 1808.00158), bidirectional LSTM layers and
linear layers; its seven classes are the sets of at most two of three speakers (arXiv 2310.13025).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count, takewhile
from pathlib import Path
from typing import Final

import numpy as np

from stenograf.models.checkpoint import Array, read_weights
from stenograf.models.convert.expected import part_of, require_shapes
from stenograf.models.convert.onnx_graph import OnnxGraph

MODEL: Final = "pyannote segmentation-3.0"
N_CLASSES: Final = 7  # none, 1, 2, 3, 1+2, 1+3, 2+3
N_FILTERS: Final = 80
HALF_KERNEL: Final = 125
STRIDE: Final = 10
POOL: Final = 3
MIN_LOW_HZ: Final = 50.0
MIN_BAND_HZ: Final = 50.0
MAX_HZ: Final = 8000.0
_FILTERBANK: Final = "conv1d.0.filterbank"


def convert_segmentation(checkpoint: Path | Mapping[str, Array], target: Path) -> None:
    """Write `pytorch_model.bin` of segmentation-3.0, or its weights by name, as ONNX.

    Input `x` (N, 1, T): 16 kHz samples, 10 s when trained; output `y` (N, F, 7): log-probabilities,
    one frame per 16.875 ms (589 for 10 s). Raises ModelInvalidError for another model's weights.
    """
    weights = checkpoint
    if isinstance(weights, Path):
        weights = read_weights(weights, "state_dict")
    require_shapes(weights, _shapes(), model=MODEL)
    graph = OnnxGraph("segmentation-3.0")
    x = _sincnet(graph, "x", part_of(weights, "sincnet"))  # (N, 60, F)
    x = _lstms(graph, x, part_of(weights, "lstm"))  # (N, F, 256)
    for layer in _layers(weights, "linear.{}.weight"):
        parts = part_of(weights, f"linear.{layer}")
        x = graph.add("LeakyRelu", graph.linear(x, parts["weight"], parts["bias"]))
    x = graph.linear(x, weights["classifier.weight"], weights["classifier.bias"])
    graph.add("LogSoftmax", x, axis=-1, output="y")
    graph.save(
        target,
        inputs={"x": ("N", 1, "T")},
        outputs={"y": ("N", "F", N_CLASSES)},
        metadata={"license": "MIT, CNRS", "source": "pyannote/segmentation-3.0"},
    )


def _sincnet(graph: OnnxGraph, x: str, weights: Mapping[str, Array]) -> str:
    x = _normalize(graph, x, part_of(weights, "wav_norm1d"))
    filters = sinc_filters(part_of(weights, _FILTERBANK))
    x = graph.add("Conv", x, graph.constant(filters), strides=[STRIDE])
    x = graph.add("Abs", x)
    for layer in range(3):
        if layer:
            kernel = part_of(weights, f"conv1d.{layer}")
            constants = [graph.constant(kernel[name]) for name in ("weight", "bias")]
            x = graph.add("Conv", x, *constants)
        x = graph.add("MaxPool", x, kernel_shape=[POOL], strides=[POOL])
        x = graph.add("LeakyRelu", _normalize(graph, x, part_of(weights, f"norm1d.{layer}")))
    return x


def _normalize(graph: OnnxGraph, x: str, weights: Mapping[str, Array]) -> str:
    scale, bias = graph.constant(weights["weight"]), graph.constant(weights["bias"])
    return graph.add("InstanceNormalization", x, scale, bias, epsilon=1e-5)


def _lstms(graph: OnnxGraph, x: str, weights: Mapping[str, Array]) -> str:
    x = graph.add("Transpose", x, perm=[2, 0, 1])  # (F, N, 60)
    for layer in _layers(weights, "weight_ih_l{}"):
        states = graph.lstm(x, weights, layer, both_ways=True)  # (F, 2, N, 128)
        side_by_side = graph.add("Transpose", states, perm=[0, 2, 1, 3])
        x = graph.add("Reshape", side_by_side, graph.integers(0, 0, -1))  # (F, N, 256)
    return graph.add("Transpose", x, perm=[1, 0, 2])


def sinc_filters(weights: Mapping[str, Array]) -> Array:
    """Band-pass filters (80, 1, 251) from learned band edges: even ones first, then odd ones.

    Rounded where asteroid-filterbanks' `ParamSincFB` rounds, and with its stored time axis: the
    taps at the centre divide small differences by small times, so one ulp there is 1e-3 at the end.
    """
    time, window = weights["n_"], weights["window_"]  # 2 pi t (1, 125) and half a Hamming window
    low = np.float32(MIN_LOW_HZ) + np.abs(weights["low_hz_"])
    top = low + np.float32(MIN_BAND_HZ) + np.abs(weights["band_hz_"])
    high = np.clip(top, np.float32(MIN_LOW_HZ), np.float32(MAX_HZ))
    band = high - low  # (40, 1)
    even = (_exactly(np.sin, high @ time) - _exactly(np.sin, low @ time)) / (time / 2) * window
    odd = (_exactly(np.cos, low @ time) - _exactly(np.cos, high @ time)) / (time / 2) * window
    even = np.concatenate([even, 2 * band, even[:, ::-1]], axis=1)
    odd = np.concatenate([odd, np.zeros_like(band), -odd[:, ::-1]], axis=1)
    return np.concatenate([even / (2 * band), odd / (2 * band)])[:, None]


def _exactly(function: Callable[[Array], Array], angles: Array) -> Array:
    """The function's value rounded once to float32."""
    return function(angles.astype(np.float64)).astype(np.float32)


def _layers(weights: Mapping[str, Array], pattern: str) -> Iterator[int]:
    return takewhile(lambda layer: pattern.format(layer) in weights, count())


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    edges = (N_FILTERS // 2, 1)
    yield f"sincnet.{_FILTERBANK}.low_hz_", edges
    yield f"sincnet.{_FILTERBANK}.band_hz_", edges
    yield f"sincnet.{_FILTERBANK}.n_", (1, HALF_KERNEL)
    yield f"sincnet.{_FILTERBANK}.window_", (HALF_KERNEL,)
    yield "sincnet.wav_norm1d.weight", (1,)
    yield "sincnet.wav_norm1d.bias", (1,)
    for layer, (channels, before) in enumerate([(80, 0), (60, 80), (60, 60)]):
        yield f"sincnet.norm1d.{layer}.weight", (channels,)
        yield f"sincnet.norm1d.{layer}.bias", (channels,)
        if before:
            yield f"sincnet.conv1d.{layer}.weight", (channels, before, 5)
            yield f"sincnet.conv1d.{layer}.bias", (channels,)
    for layer in range(4):
        for end in ("", "_reverse"):
            yield f"lstm.weight_ih_l{layer}{end}", (512, 256 if layer else 60)
            yield f"lstm.weight_hh_l{layer}{end}", (512, 128)
            yield f"lstm.bias_ih_l{layer}{end}", (512,)
            yield f"lstm.bias_hh_l{layer}{end}", (512,)
    for layer, inputs in enumerate((256, 128)):
        yield f"linear.{layer}.weight", (128, inputs)
        yield f"linear.{layer}.bias", (128,)
    yield "classifier.weight", (N_CLASSES, 128)
    yield "classifier.bias", (N_CLASSES,)
