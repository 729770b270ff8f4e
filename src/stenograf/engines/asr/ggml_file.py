"""Looks through a ggml Whisper file before native code does, which would crash on a broken one.

The layout is that of whisper.cpp's `convert-pt-to-ggml.py`; all numbers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Final

from stenograf.core.errors import ModelInvalidError, ModelMissingError

MAGIC: Final = b"lmgg"  # 0x67676d6c as a little-endian number
MOST_LAYERS: Final = 64
MOST_WIDTH: Final = 8192
QUANTIZATION_VERSION: Final = 1000  # a file's kind has the version of its blocks times this on top
FLOAT16: Final = 1
CONVOLUTION_DIMS: Final = 3
_BLOCKS: Final[dict[int, tuple[int, int]]] = {  # enum ggml_type: (weights, bytes) of a block
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
}  # fmt: skip
_FILE_KINDS: Final = (0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14)  # enum ggml_ftype
_VOCABULARIES: Final = (51864, 51865, 51866)  # English only, multilingual, large-v3


@dataclass(frozen=True, slots=True)
class GgmlHeader:
    """The sizes of a model that its reader needs to know beforehand."""

    n_vocab: int
    n_audio_layer: int
    n_text_head: int
    n_text_layer: int
    n_mels: int

    @property
    def is_multilingual(self) -> bool:
        """English-only models have one token less."""
        return self.n_vocab != _VOCABULARIES[0]


def read_header(path: Path) -> GgmlHeader:
    """The sizes of a model whose file is whole: every tensor is there to its last byte.

    Raises ModelMissingError or ModelInvalidError.
    """
    if not path.exists():
        raise ModelMissingError("There is no model at {path}.", path=str(path))
    if not path.is_file():
        raise ModelInvalidError(
            "{path} is a folder; whisper.cpp needs a ggml file.",
            path=str(path),
            hint="Give the file, for example ggml-small.bin.",
        )
    try:
        with path.open("rb") as file:
            header = _header(path, file)
            _skip_tensors(path, file)
    except struct.error as error:
        raise _refused(path, "it ends too early") from error
    return header


def _header(path: Path, file: IO[bytes]) -> GgmlHeader:
    magic = file.read(4)
    if magic == b"GGUF":
        raise _refused(path, "it is a gguf file, which whisper.cpp does not read")
    if magic != MAGIC:
        raise _refused(path, "it does not begin as whisper.cpp's models do")
    numbers = _numbers(file, 11)
    n_vocab, _, state, audio_heads, layers, _, text_state, heads, text_layers, n_mels, kind = (
        numbers
    )
    shared = _share(audio_heads, state) and _share(heads, text_state)
    layered = 0 < layers <= MOST_LAYERS and 0 < text_layers <= MOST_LAYERS
    if n_vocab not in _VOCABULARIES or n_mels not in (80, 128) or not (shared and layered):
        raise _refused(path, "its sizes are none of Whisper's")
    if kind % QUANTIZATION_VERSION not in _FILE_KINDS:
        raise _refused(path, "its weights are of an unknown kind")
    n_bands, n_bins = _numbers(file, 2)
    if n_bands != n_mels or not 0 < n_bins <= 4096:
        raise _refused(path, "its mel filters have an impossible size")
    file.seek(4 * n_bands * n_bins, 1)
    (n_tokens,) = _numbers(file, 1)
    if not 0 < n_tokens <= n_vocab:
        raise _refused(path, f"its vocabulary has {n_tokens} tokens")
    for _ in range(n_tokens):
        (n_bytes,) = _numbers(file, 1)
        if not 0 <= n_bytes <= 1024:
            raise _refused(path, "a token of its vocabulary has an impossible length")
        file.seek(n_bytes, 1)
    return GgmlHeader(n_vocab, layers, heads, text_layers, n_mels)


def _share(n_heads: int, width: int) -> bool:
    """Whether heads of one width fill a layer; whisper.cpp ends the process where they do not."""
    return 0 < n_heads <= width <= MOST_WIDTH and width % n_heads == 0


def _skip_tensors(path: Path, file: IO[bytes]) -> None:
    size, n_tensors = path.stat().st_size, 0
    while head := file.read(12):
        n_dims, name_bytes, kind = struct.unpack("<3i", head)
        if not (1 <= n_dims <= 4 and 1 <= name_bytes <= 256 and kind in _BLOCKS):
            raise _refused(path, "a tensor of it has an impossible head")
        shape = _numbers(file, n_dims)
        n_weights, n_bytes = _BLOCKS[kind]
        if min(shape) < 1 or shape[0] % n_weights:
            raise _refused(path, "a tensor of it has an impossible shape")
        if n_dims == CONVOLUTION_DIMS and kind != FLOAT16:
            raise _refused(path, "its convolutions are not float16, on which whisper.cpp crashes")
        file.seek(name_bytes, 1)
        if file.seek(prod(shape) // n_weights * n_bytes, 1) > size:
            raise _refused(path, "it ends inside a tensor")
        n_tensors += 1
    if not n_tensors:
        raise _refused(path, "it has no weights")


def _numbers(file: IO[bytes], count: int) -> tuple[int, ...]:
    return struct.unpack(f"<{count}i", file.read(4 * count))


def _refused(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError(
        "{path} is not used: {reason}.",
        path=str(path),
        reason=reason,
        hint="Get the file again, or use another engine for another form.",
    )
