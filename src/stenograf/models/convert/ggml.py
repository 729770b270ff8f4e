"""Reads whisper.cpp's `ggml-*.bin`: dimensions, mel filters, vocabulary, then tensor after tensor.

The layout is that of whisper.cpp's `convert-pt-to-ggml.py`; all numbers are little-endian.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import IO, Final

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.models.checkpoint import Storage, StoredTensor, Weights
from stenograf.models.convert.model_bin import Quantization
from stenograf.models.convert.tokenizer import word_pieces
from stenograf.models.convert.whisper import WhisperModel, write_folder
from stenograf.models.convert.whisper_dims import WhisperDims

MAGIC: Final = b"lmgg"  # 0x67676d6c as a little-endian number
MAX_NAME_BYTES: Final = 256
MAX_TOKEN_BYTES: Final = 1024
_TYPES: Final = {0: "<f4", 1: "<f2"}
_ORDER: Final = (
    "n_vocab",
    "n_audio_ctx",
    "n_audio_state",
    "n_audio_head",
    "n_audio_layer",
    "n_text_ctx",
    "n_text_state",
    "n_text_head",
    "n_text_layer",
    "n_mels",
)


def convert_ggml(
    source: Path,
    target: Path,
    *,
    quantization: Quantization | None = None,
    on_progress: OnProgress = ignore_progress,
) -> None:
    """Turn whisper.cpp's model with float16 or float32 weights into a CTranslate2 folder.

    Raises ModelInvalidError for quantised files, whose numbers are already rounded, and for
    files that are none of whisper.cpp's; `target` then stays as it was.
    """
    model = read_ggml(source)
    write_folder(model, target, quantization=quantization, on_progress=on_progress)


def read_ggml(path: Path) -> WhisperModel:
    """Dimensions and weights; the weights stay on disk until they are used."""
    try:
        with path.open("rb") as file:
            if file.read(4) != MAGIC:
                raise _refused(path, "it does not begin as whisper.cpp's models do")
            dims = WhisperDims.of(dict(zip(_ORDER, _numbers(file, 10), strict=True)))
            _numbers(file, 1)  # the type most tensors have; each tensor names its own
            _skip_filters(path, file)
            _check_vocabulary(path, file, dims)
            tensors = dict(_tensors(path, file))
    except FileNotFoundError as fault:
        raise ModelMissingError("There is no file {path}.", path=path) from fault
    except struct.error as fault:
        raise _refused(path, "it ends too early") from fault
    weights = {name: _shaped(name, tensor) for name, tensor in tensors.items()}
    return WhisperModel(dims, Weights(weights), path.stem.removeprefix("ggml-"))


def _numbers(file: IO[bytes], count: int) -> tuple[int, ...]:
    return struct.unpack(f"<{count}i", file.read(4 * count))


def _skip_filters(path: Path, file: IO[bytes]) -> None:
    n_mels, n_fft = _numbers(file, 2)
    if not (0 < n_mels <= 128 and 0 < n_fft <= 4096):
        raise _refused(path, "its mel filters have an impossible size")
    file.seek(4 * n_mels * n_fft, 1)


def _check_vocabulary(path: Path, file: IO[bytes], dims: WhisperDims) -> None:
    """Only OpenAI's own vocabularies are known well enough to make a tokenizer from."""
    known = word_pieces(multilingual=dims.multilingual)
    (n_tokens,) = _numbers(file, 1)
    if not len(known) <= n_tokens <= dims.n_vocab:
        raise _refused(path, f"its vocabulary has {n_tokens} tokens")
    for number in range(n_tokens):
        (n_bytes,) = _numbers(file, 1)
        if not 0 <= n_bytes <= MAX_TOKEN_BYTES:
            raise _refused(path, "a token of its vocabulary has an impossible length")
        token = file.read(n_bytes)
        if len(token) < n_bytes:
            raise _refused(path, "it ends too early")
        if number < len(known) and token != known[number]:
            raise _refused(path, "it has a vocabulary of its own")


def _tensors(path: Path, file: IO[bytes]) -> list[tuple[str, StoredTensor]]:
    end = path.stat().st_size
    found: list[tuple[str, StoredTensor]] = []
    while head := file.read(12):
        n_dims, name_bytes, kind = struct.unpack("<3i", head)
        if not (1 <= n_dims <= 4 and 1 <= name_bytes <= MAX_NAME_BYTES):
            raise _refused(path, "a tensor of it has an impossible head")
        if kind not in _TYPES:
            raise _refused(path, "it is quantised; bring the float16 model or the .pt of OpenAI")
        shape = _numbers(file, n_dims)[::-1]  # ggml counts from the fastest axis
        name = file.read(name_bytes).decode("utf-8", "replace")
        if min(shape) < 1:
            raise _refused(path, f"the tensor {name} has an impossible shape")
        storage = Storage(path, _TYPES[kind], math.prod(shape), file.tell())
        if file.seek(storage.n_items * storage.itemsize, 1) > end:
            raise _refused(path, "it ends inside a tensor")
        found.append((name, StoredTensor(storage, 0, shape, _strides(shape))))
    return found


def _shaped(name: str, tensor: StoredTensor) -> StoredTensor:
    """Biases of convolutions are stored as columns; they are vectors here."""
    if name.endswith((".conv1.bias", ".conv2.bias")) and tensor.shape[1:] == (1,):
        return StoredTensor(tensor.storage, 0, tensor.shape[:1], (1,))
    return tensor


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _refused(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError("{path} is not used: {reason}.", path=path, reason=reason)
