"""Whisper in the forms of openai-whisper (`.pt`) and whisper.cpp (`ggml-*.bin`), at random.

Real vocabulary and layout; weights under which decoding wanders instead of repeating itself, so
that two programs that read the same file can be told to agree.
"""

from __future__ import annotations

import struct
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from stenograf.models.convert.tokenizer import N_TIMESTAMPS, word_pieces
from stenograf.models.convert.whisper_dims import WhisperDims
from stenograf.testing.checkpoints import write_checkpoint

Weights = dict[str, NDArray[Any]]
GgmlKind = Literal["f32", "f16", "q8_0"]

GGML_MAGIC: Final = 0x67676D6C
N_FFT_BINS: Final = 201
QUANTUM: Final = 32  # weights that share a scale in ggml's q8_0
_TENSOR_KINDS: Final[dict[GgmlKind, int]] = {"f32": 0, "f16": 1, "q8_0": 8}  # enum ggml_type
_FILE_KINDS: Final[dict[GgmlKind, int]] = {"f32": 0, "f16": 1, "q8_0": 7}  # enum ggml_ftype


def make_dims(
    *, state: int = 64, layers: int = 2, n_vocab: int = 51865, **other: int
) -> WhisperDims:
    """Dimensions of a model with `layers` layers of width `state` on either side."""
    sizes: dict[str, int] = {"n_mels": 80, "n_audio_ctx": 1500, "n_text_ctx": 448} | other
    for side in ("audio", "text"):
        sizes[f"n_{side}_state"] = state
        sizes[f"n_{side}_head"] = max(state // 64, 2)
        sizes[f"n_{side}_layer"] = layers
    return WhisperDims(n_vocab=n_vocab, **sizes)


def make_weights(dims: WhisperDims) -> Weights:
    """Float32 weights under which the next token depends on the audio and on all tokens before."""
    rng = np.random.default_rng(dims.n_vocab + dims.n_text_state)
    weights = {name: _random(name, shape, rng) for name, shape in dims.shapes()}
    # Programs differ in what they make of timestamps that nobody asked for; real models say none.
    weights["decoder.token_embedding.weight"][-N_TIMESTAMPS:] = 0
    return {name: array.astype("f4") for name, array in weights.items()}


def write_pt(path: Path, dims: WhisperDims, weights: Weights) -> Path:
    """A checkpoint as OpenAI publishes them; returns `path`."""
    return write_checkpoint(path, {"dims": asdict(dims), "model_state_dict": weights})


def write_ggml(path: Path, dims: WhisperDims, weights: Weights, *, kind: GgmlKind = "f16") -> Path:
    """As whisper.cpp's converter writes: matrices in `kind`, vectors and positions in float32."""
    with path.open("wb") as file:
        file.write(struct.pack("<I", GGML_MAGIC))
        audio = (dims.n_audio_ctx, dims.n_audio_state, dims.n_audio_head, dims.n_audio_layer)
        text = (dims.n_text_ctx, dims.n_text_state, dims.n_text_head, dims.n_text_layer)
        ftype = _FILE_KINDS[kind]
        file.write(struct.pack("<11i", dims.n_vocab, *audio, *text, dims.n_mels, ftype))
        file.write(struct.pack("<2i", dims.n_mels, N_FFT_BINS))
        file.write(_mel_filters(dims.n_mels).astype("<f4").tobytes())
        tokens = word_pieces(multilingual=dims.multilingual)
        file.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            file.write(struct.pack("<i", len(token)) + token)
        for name, array in weights.items():
            _write_tensor(file, name, array, kind)
    return path


def _random(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
    """Weights of one tensor, by gains chosen by trial.

    Loud cross-attention keeps the decoder from looping, and attention that is not too sharp keeps
    rounding 10,000 times smaller than the lead of the winning token.
    """
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


def _mel_filters(n_mels: int) -> NDArray[Any]:
    """Slaney's mel filters as Whisper uses them, shape (n_mels, 201)."""
    from faster_whisper.feature_extractor import FeatureExtractor

    filters: NDArray[Any] = FeatureExtractor(feature_size=n_mels).mel_filters
    return filters


def _write_tensor(file: IO[bytes], name: str, array: NDArray[Any], kind: GgmlKind) -> None:
    if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        array = array.reshape(-1, 1)
    if array.ndim < 2 or "positional" in name or name.endswith(("conv1.bias", "conv2.bias")):
        kind = "f32"
    elif "conv" in name and kind == "q8_0":
        kind = "f16"
    encoded = name.encode()
    file.write(struct.pack("<3i", array.ndim, len(encoded), _TENSOR_KINDS[kind]))
    for n in range(array.ndim):
        file.write(struct.pack("<i", array.shape[array.ndim - 1 - n]))
    file.write(encoded)
    file.write(_packed(array, kind))


def _packed(array: NDArray[Any], kind: GgmlKind) -> bytes:
    if kind != "q8_0":
        return array.astype("<f2" if kind == "f16" else "<f4").tobytes()
    blocks = array.reshape(-1, QUANTUM)
    scales = np.abs(blocks).max(axis=1, keepdims=True) / 127
    values = np.round(blocks / np.where(scales == 0, 1, scales)).astype("i1")
    parts = np.empty(len(blocks), dtype=[("scale", "<f2"), ("values", "i1", QUANTUM)])
    parts["scale"], parts["values"] = scales[:, 0], values
    return parts.tobytes()
