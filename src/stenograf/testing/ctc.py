"""CTC models made here: one that really hears, letters as tones, and random ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples

# The frames of wav2vec2: seven convolutions that see 25 ms every 20 ms.
KERNEL: Final = 400
STRIDE: Final = 320

ENGLISH: Final = ("<pad>", "<s>", "</s>", "<unk>", "|", *ascii_uppercase, "'")
"""Tokens of wav2vec2 base, trained on LibriSpeech, in an order of our own."""

RUSSIAN: Final = ("▁", *(chr(ord("а") + i) for i in range(32)), "<blk>")
"""Tokens of GigaAM v3 CTC."""

LOUDNESS: Final = 0.3


def tone_hz(letter: str) -> float:
    """The pitch that stands for a letter.

    >>> tone_hz("A"), tone_hz("z")
    (400.0, 5400.0)
    """
    return 400.0 + 200.0 * ascii_uppercase.index(letter.upper())


def say_in_tones(
    words: Sequence[str], *, letter_s: float = 0.08, pause_s: float = 0.2
) -> tuple[Samples, list[Span]]:
    """Words of English letters as a melody, and when each is played; pauses around each word."""
    parts: list[Samples] = [np.zeros(round(pause_s * SAMPLE_RATE_HZ), dtype=np.float32)]
    spans: list[Span] = []
    for word in words:
        start = sum(map(len, parts))
        times = np.arange(round(letter_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        for letter in word:
            tone = np.sin(2 * np.pi * tone_hz(letter) * times) * np.hanning(len(times))
            parts.append((LOUDNESS * tone).astype(np.float32))
        spans.append(Span(start / SAMPLE_RATE_HZ, sum(map(len, parts)) / SAMPLE_RATE_HZ))
        parts.append(np.zeros(round(pause_s * SAMPLE_RATE_HZ), dtype=np.float32))
    return np.concatenate(parts), spans


def write_tone_model(folder: Path) -> Path:
    """A model with wav2vec2's files, inputs and frames that hears `say_in_tones`; gives `folder`.

    Logits follow the power at each letter's pitch, silence is the blank.
    """
    filters = np.zeros((2 * len(ascii_uppercase), 1, KERNEL), dtype=np.float32)
    times = np.arange(KERNEL) / SAMPLE_RATE_HZ
    window = np.hanning(KERNEL) / np.hanning(KERNEL).sum() * 2
    for i, letter in enumerate(ascii_uppercase):
        filters[2 * i, 0] = window * np.cos(2 * np.pi * tone_hz(letter) * times)
        filters[2 * i + 1, 0] = window * np.sin(2 * np.pi * tone_hz(letter) * times)
    mixing = np.zeros((len(ENGLISH), 2 * len(ascii_uppercase)), dtype=np.float32)
    for i, letter in enumerate(ascii_uppercase):
        mixing[ENGLISH.index(letter), 2 * i : 2 * i + 2] = 20.0
    bias = np.full(len(ENGLISH), -8.0, dtype=np.float32)
    bias[ENGLISH.index("<pad>")] = 0.0
    return _write_wav2vec2(folder, filters, mixing, bias)


def write_random_wav2vec2(folder: Path, *, seed: int = 0) -> Path:
    """The same files, inputs and frames with random weights: it hears nonsense."""
    rng = np.random.default_rng(seed)
    filters = rng.normal(0, 0.05, (16, 1, KERNEL)).astype(np.float32)
    mixing = rng.normal(0, 1, (len(ENGLISH), 16)).astype(np.float32)
    return _write_wav2vec2(folder, filters, mixing, np.zeros(len(ENGLISH), dtype=np.float32))


def _write_wav2vec2(
    folder: Path,
    filters: NDArray[np.float32],
    mixing: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> Path:
    from stenograf.models.convert.onnx_graph import OnnxGraph

    graph = OnnxGraph("wav2vec2")
    sound = graph.add("Unsqueeze", "input_values", graph.integers(1))  # (batch, 1, n_samples)
    waves = graph.add("Conv", sound, graph.constant(filters), strides=[STRIDE])
    power = graph.add("Mul", waves, waves)  # (batch, n_filters, n_frames)
    frames = graph.add("Transpose", power, perm=[0, 2, 1])
    scores = graph.linear(frames, mixing, bias)
    graph.add("Identity", scores, output="logits")
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    graph.save(
        folder / "onnx" / "model_quantized.onnx",
        inputs={"input_values": ("batch_size", "sequence_length")},
        outputs={"logits": ("batch_size", "n_frames", len(ENGLISH))},
    )
    tokens = {token: i for i, token in enumerate(ENGLISH)}
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    settings = {"do_normalize": True, "sampling_rate": SAMPLE_RATE_HZ}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def write_random_gigaam(folder: Path, *, seed: int = 0) -> Path:
    """The files, inputs and frames of GigaAM v3 CTC with random weights; gives `folder`."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 0.2, (len(RUSSIAN), 64, 1)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["features", "weights"], ["scores"], strides=[4]),
        helper.make_node("Transpose", ["scores"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("LogSoftmax", ["frames"], ["log_probs"], axis=-1),
    ]
    shape: list[str | int | None] = ["batch", "n_frames", len(RUSSIAN)]
    graph = helper.make_graph(
        nodes,
        "gigaam",
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 64, "n"]),
            helper.make_tensor_value_info("feature_lengths", TensorProto.INT64, ["batch"]),
        ],
        [helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, shape)],
        initializer=[numpy_helper.from_array(weights, "weights")],
    )
    opset = [helper.make_opsetid("", 17)]
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.save(model, str(folder / "v3_ctc.int8.onnx"))
    lines = "".join(f"{token} {i}\n" for i, token in enumerate(RUSSIAN))
    (folder / "v3_vocab.txt").write_text(lines, encoding="utf-8")
    return folder
