"""Whisper models with random weights, whose decoding wanders instead of repeating itself."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from stenograf.models.convert.tokenizer import word_pieces
from stenograf.models.convert.whisper_dims import WhisperDims
from stenograf.testing.checkpoints import write_checkpoint

Weights = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def make_dims() -> Callable[..., WhisperDims]:
    def make(
        *, state: int = 64, layers: int = 2, n_vocab: int = 51865, **other: int
    ) -> WhisperDims:
        sizes: dict[str, int] = {"n_mels": 80, "n_audio_ctx": 1500, "n_text_ctx": 448} | other
        for side in ("audio", "text"):
            sizes[f"n_{side}_state"] = state
            sizes[f"n_{side}_head"] = max(state // 64, 2)
            sizes[f"n_{side}_layer"] = layers
        return WhisperDims(n_vocab=n_vocab, **sizes)

    return make


@pytest.fixture(scope="session")
def make_weights() -> Callable[[WhisperDims], Weights]:
    """Weights under which the next token depends on the audio and on all tokens before."""

    def make(dims: WhisperDims) -> Weights:
        rng = np.random.default_rng(dims.n_vocab + dims.n_text_state)
        weights = {name: _random(name, shape, rng) for name, shape in dims.shapes()}
        return {name: array.astype("f4") for name, array in weights.items()}

    return make


def _random(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Chosen by trial: loud cross-attention keeps the decoder from looping, and attention that is
    not too sharp keeps rounding 10,000 times smaller than the lead of the winning token."""
    if name.endswith(("ln.weight", "ln_post.weight")):
        return rng.uniform(0.8, 1.2, shape)
    if name.endswith("bias"):
        return rng.normal(0, 0.1, shape)
    if "embedding" in name:
        return rng.normal(0, 0.5, shape)
    if ".query" in name or ".key" in name:
        gain = 2.0 if shape[1] < 200 else 2.3
    elif ".cross_attn." in name:
        gain = 4.0
    else:
        gain = 0.5 if ".mlp." in name else 1.0
    return rng.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)


@pytest.fixture(scope="session")
def save_pt() -> Callable[[Path, WhisperDims, Weights], Path]:
    def save(path: Path, dims: WhisperDims, weights: Weights) -> Path:
        return write_checkpoint(path, {"dims": asdict(dims), "model_state_dict": weights})

    return save


@pytest.fixture(scope="session")
def save_ggml() -> Callable[..., Path]:
    """As whisper.cpp's converter writes: matrices in `kind`, vectors and positions in float32."""

    def save(path: Path, dims: WhisperDims, weights: Weights, *, kind: int = 1) -> Path:
        with path.open("wb") as file:
            file.write(struct.pack("<I", 0x67676D6C))
            audio = (dims.n_audio_ctx, dims.n_audio_state, dims.n_audio_head, dims.n_audio_layer)
            text = (dims.n_text_ctx, dims.n_text_state, dims.n_text_head, dims.n_text_layer)
            file.write(struct.pack("<11i", dims.n_vocab, *audio, *text, dims.n_mels, kind))
            file.write(struct.pack("<2i", dims.n_mels, 201) + bytes(4 * dims.n_mels * 201))
            tokens = word_pieces(multilingual=dims.multilingual)
            file.write(struct.pack("<i", len(tokens)))
            for token in tokens:
                file.write(struct.pack("<i", len(token)) + token)
            for name, array in weights.items():
                _write_tensor(file, name, array, kind)
        return path

    return save


def _write_tensor(file: IO[bytes], name: str, array: np.ndarray, kind: int) -> None:
    if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        array = array.reshape(-1, 1)
    if array.ndim < 2 or "positional" in name or name.endswith("conv1.bias"):
        kind = 0
    encoded = name.encode()
    file.write(struct.pack("<3i", array.ndim, len(encoded), kind))
    for n in range(array.ndim):
        file.write(struct.pack("<i", array.shape[array.ndim - 1 - n]))
    file.write(encoded)
    data: Any = array.astype("<f2" if kind else "<f4")
    file.write(data.tobytes())
