"""Writes CTranslate2's `model.bin` one variable at a time.

`ctranslate2.specs` knows which variables a model has, but its own `save` wants all of them in
memory at once; this writes the same bytes with one of them there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, Literal, get_args

import numpy as np

from stenograf.core.errors import OptionError
from stenograf.models.checkpoint import Array

BINARY_VERSION: Final = 6  # ctranslate2.specs.model_spec.CURRENT_BINARY_VERSION since 2.0
Quantization = Literal["float32", "float16", "int8", "int8_float32", "int8_float16"]

_TYPE_IDS: Final = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def check_quantization(quantization: str | None) -> None:
    """Raise OptionError for a type that cannot be written."""
    if quantization is not None and quantization not in get_args(Quantization):
        raise OptionError(
            "{quantization} is no type a model can be converted to; choose one of {choices}.",
            quantization=quantization,
            choices=", ".join(get_args(Quantization)),
        )


def quantized(
    variables: Iterable[tuple[str, Array]], quantization: Quantization | None
) -> Iterator[tuple[str, Array]]:
    """The variables in the type asked for; an int8 weight is followed by its scales."""
    to_int8 = quantization is not None and quantization.startswith("int8")
    rest = (quantization or "").removeprefix("int8").removeprefix("_")
    for name, array in variables:
        if array.ndim and to_int8 and name.endswith("/weight"):
            integers, scale = _to_int8(array)
            yield name, integers
            yield f"{name}_scale", scale
        elif array.ndim and rest:
            yield name, array.astype(rest, copy=False)
        else:
            yield name, array


def count_variables(names: Iterable[str], quantization: Quantization | None) -> int:
    """How many variables `quantized` will give for these names."""
    to_int8 = quantization is not None and quantization.startswith("int8")
    return sum(2 if to_int8 and name.endswith("/weight") else 1 for name in names)


def _to_int8(array: Array) -> tuple[Array, Array]:
    """Rows scaled so that their largest magnitude becomes 127, and the scales, one per row."""
    values = np.array(array, np.float32).reshape(len(array), -1)
    largest = np.maximum(values.max(axis=1), -values.min(axis=1))
    largest[largest == 0] = 127
    scale = np.float32(127) / largest
    values *= scale[:, None]
    np.rint(values, out=values)
    return values.astype(np.int8).reshape(array.shape), scale


def write_model_bin(
    path: Path,
    variables: Iterable[tuple[str, Array]],
    *,
    n_variables: int,
    spec: tuple[str, int],
    aliases: Mapping[str, str],
) -> None:
    """Write the variables in the order they come; `spec` is the name and revision of the layout."""
    with path.open("wb") as file:
        file.write(struct.pack("<I", BINARY_VERSION))
        _write_text(file, spec[0])
        file.write(struct.pack("<II", spec[1], n_variables))
        for name, array in variables:
            _write_text(file, name)
            file.write(struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape))
            file.write(struct.pack("<BI", _TYPE_IDS[array.dtype.name], array.nbytes))
            file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        file.write(struct.pack("<I", len(aliases)))
        for alias, name in aliases.items():
            _write_text(file, alias)
            _write_text(file, name)


def _write_text(file: IO[bytes], text: str) -> None:
    encoded = text.encode() + b"\0"
    file.write(struct.pack("<H", len(encoded)) + encoded)
