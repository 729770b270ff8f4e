"""Whisper models with random weights: the real architecture and vocabulary shape, no download.

They say nonsense, but load, detect a language, decode, align and fail exactly like real ones.
Real vocabulary sizes, and the empty token that only multilingual vocabularies have, are kept
because CTranslate2 tells English-only models by them (by size before version 4.8).
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import Samples
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.whisper_recognizer import Request

N_AUDIO_POSITIONS = 1500  # 30 s at 20 ms
N_TEXT_POSITIONS = 448
N_MARKS = 4  # startoftranscript, language, task, notimestamps
N_TIMESTAMPS = 1501  # 0.00 to 30.00 s in steps of 20 ms
N_MERGES = 50_000
SPACE = "Ġ"  # how byte-level BPE writes a leading space


@dataclass(frozen=True, slots=True)
class WhisperShape:
    """Dimensions of one model size.

    With `n_tokens` a model is sure of what it says and ends by itself after that many tokens of
    a block, as a trained one does; without, it talks until it is stopped. One that `loops` says
    the same token for ever.
    """

    n_layers: int
    width: int
    n_heads: int
    n_mels: int = 80
    n_tokens: int | None = None
    loops: bool = False


SHAPES = {
    "tiny-random": WhisperShape(2, 64, 2),
    "tiny-looping": WhisperShape(2, 64, 2, loops=True),
    "tiny": WhisperShape(4, 384, 6),
    "base": WhisperShape(6, 512, 8),
    "small": WhisperShape(12, 768, 12),
    "medium": WhisperShape(24, 1024, 16),
    "large-v3": WhisperShape(32, 1280, 20, n_mels=128),
}


class LoggingWhisper(FasterWhisperRecognizer):
    """A Whisper that writes down a digest of each block that it begins to decode."""

    def __init__(self, weights: Path, log: Path) -> None:
        super().__init__(weights, n_threads=1)
        self._log = log

    def _decode(self, batch: Sequence[Samples], *, request: Request) -> list[list[Heard]]:
        with self._log.open("a") as log:
            log.writelines(f"{hashlib.sha256(block.tobytes()).hexdigest()}\n" for block in batch)
        return super()._decode(batch, request=request)


def write_random_whisper(
    folder: Path,
    *,
    size: str | WhisperShape = "tiny-random",
    multilingual: bool = True,
    seed: int = 0,
    quantization: str | None = None,
) -> Path:
    """A CTranslate2 Whisper folder, as faster-whisper reads it; returns `folder`.

    The same arguments write the same weights. `quantization` is CTranslate2's, for example "int8".
    """
    shape = SHAPES[size] if isinstance(size, str) else size
    tokens = vocabulary(multilingual=multilingual, n_mels=shape.n_mels)
    folder.mkdir(parents=True, exist_ok=True)
    _write_model(folder, shape, tokens, np.random.default_rng(seed), quantization)
    _write_tokenizer(folder, tokens)
    preprocessor = {"feature_size": shape.n_mels, "sampling_rate": 16_000, "hop_length": 160}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor), encoding="utf-8")
    return folder


def vocabulary(*, multilingual: bool, n_mels: int = 80) -> list[str]:
    """Tokens by id, in the order and number of Whisper's own vocabulary, with made-up words."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    languages = [code for code in _LANGUAGE_CODES if code != "yue" or n_mels == 128]
    merged = (left + right for left, right in itertools.islice(_merges(), N_MERGES))
    text = [*_byte_symbols(), *merged, *([""] if multilingual else [])]
    named = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    stamps = [f"{i * 0.02:.2f}" for i in range(N_TIMESTAMPS)]
    special = ["endoftext", "startoftranscript", *languages, *named, *stamps]
    return text + [f"<|{name}|>" for name in special]


def _byte_symbols() -> list[str]:
    """The 256 characters that stand for bytes in GPT-2's byte-level BPE, by id."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return [chr(byte) for byte in printable] + [chr(0x100 + i) for i in range(256 - len(printable))]


def _merges() -> Iterator[tuple[str, str]]:
    """More than enough pairs that build words of letters, the parts of each before it."""
    pairs = [(a, b) for a in ascii_lowercase for b in ascii_lowercase]
    yield from ((SPACE, letter) for letter in ascii_lowercase)
    yield from pairs
    yield from ((SPACE + a, b + c) for a in ascii_lowercase for b, c in pairs)
    yield from ((a + b, c + d) for a, b in pairs for c, d in pairs)


def _write_tokenizer(folder: Path, tokens: list[str]) -> None:
    n_text = tokens.index("<|endoftext|>")
    merges = itertools.islice(_merges(), N_MERGES)
    added = [
        {"id": i, "content": token, "special": True, "single_word": False}
        | {"lstrip": False, "rstrip": False, "normalized": False}
        for i, token in enumerate(tokens[n_text:], start=n_text)
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    document = {
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": {**byte_level, "use_regex": True},
        "decoder": {**byte_level, "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {token: i for i, token in enumerate(tokens[:n_text])},
            "merges": [list(pair) for pair in merges],
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")


def _write_model(
    folder: Path,
    shape: WhisperShape,
    tokens: list[str],
    rng: np.random.Generator,
    quantization: str | None,
) -> None:
    from ctranslate2.specs import WhisperSpec

    spec = WhisperSpec(shape.n_layers, shape.n_heads, shape.n_layers, shape.n_heads)
    _fill(spec, shape, tokens, rng)
    spec.register_vocabulary(tokens)
    end = tokens.index("<|endoftext|>")
    if shape.n_tokens is not None:
        _teach_to_end(spec.decoder, end, shape.n_tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [end]
    spec.config.lang_ids = list(range(end + 2, tokens.index("<|translate|>")))
    last = shape.n_layers - 1
    spec.config.alignment_heads = [(last, head) for head in range(shape.n_heads)]
    spec.validate()
    if quantization:
        spec.optimize(quantization=quantization)
    spec.save(str(folder))


def _fill(spec: Any, shape: WhisperShape, tokens: list[str], rng: np.random.Generator) -> None:
    """Random weights for every layer, scaled so that activations stay near one."""
    width = shape.width
    for conv, n_inputs in ((spec.encoder.conv1, shape.n_mels), (spec.encoder.conv2, width)):
        conv.weight = _normal(rng, width, n_inputs, 3)
        conv.bias = np.zeros(width, dtype=np.float32)
    spec.encoder.position_encodings.encodings = _normal(rng, N_AUDIO_POSITIONS, width)
    # Strong positions keep a random decoder from saying one token for ever.
    strength = 0.0 if shape.loops else 4.0
    spec.decoder.position_encodings.encodings = strength * _normal(rng, N_TEXT_POSITIONS, width)
    embeddings = _normal(rng, len(tokens), width)
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = embeddings
    for side in (spec.encoder, spec.decoder):
        _fill_norm(side.layer_norm, width)
        for layer in side.layer:
            _fill_attention(layer.self_attention, (3, 1), width, rng)
            if side is spec.decoder:
                _fill_attention(layer.attention, (1, 2, 1), width, rng)
            _fill_norm(layer.ffn.layer_norm, width)
            _fill_linear(layer.ffn.linear_0, 4 * width, width, rng)
            _fill_linear(layer.ffn.linear_1, width, 4 * width, rng)
    # One dimension says "a word begins here", so that the nonsense has spaces.
    embeddings[:, 0] = [1.0 if token.startswith(SPACE) else -1.0 for token in tokens]
    spec.decoder.layer_norm.beta[0] = 4.0


def _teach_to_end(decoder: Any, end: int, n_tokens: int) -> None:
    """Late positions shout along one dimension, which only the end of text listens to."""
    positions, embeddings = decoder.position_encodings.encodings, decoder.embeddings.weight
    positions *= 50.0  # louder than the token before, which would say itself again
    positions[:, 1] = 0.0
    positions[N_MARKS + n_tokens - 1 :, 1] = 300.0
    embeddings[:, 1] = 0.0
    embeddings[end, 1] = 1.0
    decoder.layer_norm.gamma *= 10.0  # the best token far above the second


def _fill_attention(
    attention: Any, widths: tuple[int, ...], width: int, rng: np.random.Generator
) -> None:
    """Projections as CTranslate2 fuses them: `widths` counts the model widths in each."""
    _fill_norm(attention.layer_norm, width)
    for linear, n in zip(attention.linear, widths, strict=True):
        _fill_linear(linear, n * width, width, rng)


def _fill_linear(linear: Any, n_outputs: int, n_inputs: int, rng: np.random.Generator) -> None:
    linear.weight = _normal(rng, n_outputs, n_inputs)
    linear.bias = np.zeros(n_outputs, dtype=np.float32)


def _fill_norm(norm: Any, width: int) -> None:
    norm.gamma = np.ones(width, dtype=np.float32)
    norm.beta = np.zeros(width, dtype=np.float32)


def _normal(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    values: NDArray[np.float32] = rng.standard_normal(shape, dtype=np.float32)
    return values / np.float32(np.sqrt(np.prod(shape[1:])))
