"""Writes PyTorch checkpoints without torch: real ones for parity, crooked ones for refusal."""

from __future__ import annotations

import io
import math
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_KINDS: Final = {
    "f8": "DoubleStorage",
    "f4": "FloatStorage",
    "f2": "HalfStorage",
    "i8": "LongStorage",
    "i4": "IntStorage",
    "i2": "ShortStorage",
    "i1": "CharStorage",
    "u1": "ByteStorage",
    "b1": "BoolStorage",
}


@dataclass(frozen=True, slots=True)
class Name:
    """`module.name`, as a pickle calls a class or a function."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A name applied to arguments, with an optional state to set afterwards."""

    name: Name
    args: tuple[Any, ...] = ()
    state: Any = None


@dataclass(frozen=True, slots=True)
class Persistent:
    """An object that lies outside the pickle."""

    identity: Any


@dataclass(frozen=True, slots=True)
class Raw:
    """Opcodes as they are."""

    opcodes: bytes


@dataclass(slots=True)
class _Storages:
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    def tensor(self, array: npt.NDArray[Any]) -> Call:
        key = str(len(self.arrays))
        flat = np.ascontiguousarray(array).reshape(-1)
        self.arrays[key] = flat
        strides = tuple(math.prod(array.shape[n + 1 :]) for n in range(array.ndim))
        stored = storage(_KINDS[array.dtype.str[1:]], key, flat.size)
        return tensor(stored, shape=array.shape, strides=strides)


def storage(kind: str, key: str, n_items: int) -> Persistent:
    """A storage as torch names it: `kind` is FloatStorage, HalfStorage ..."""
    return Persistent(("storage", Name("torch", kind), key, "cpu", n_items))


def tensor(
    of: Any, *, offset: int = 0, shape: tuple[int, ...] = (), strides: tuple[int, ...] = ()
) -> Call:
    """A tensor over a storage, whether it fits or not."""
    hooks = Call(Name("collections", "OrderedDict"))
    args = (of, offset, shape, strides, False, hooks)
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), args)


def write_checkpoint(
    path: Path,
    root: Any,
    *,
    legacy: bool = False,
    arrays: Mapping[str, npt.NDArray[Any]] | None = None,
) -> Path:
    """Save nested containers with numpy leaves as `torch.save` would; returns `path`.

    `arrays` adds storages that `storage()` names by key.
    """
    storages = _Storages(dict(arrays or {}))
    pickled = dumps(root, storages.tensor)
    write = _write_legacy if legacy else _write_zip
    write(path, pickled, storages.arrays)
    return path


def dumps(value: Any, of_array: Callable[[npt.NDArray[Any]], Any] | None = None) -> bytes:
    """A protocol 2 pickle of containers, atoms, Name, Call, Persistent and Raw."""
    out = io.BytesIO()
    out.write(b"\x80\x02")
    _emit(value, out.write, of_array)
    out.write(b".")
    return out.getvalue()


def _emit(value: Any, write: Callable[[bytes], Any], of_array: Any) -> None:
    match value:
        case Raw(opcodes):
            write(opcodes)
        case Name(module, name):
            write(f"c{module}\n{name}\n".encode())
        case Call(name, args, state):
            _emit(name, write, of_array)
            _emit(args, write, of_array)
            write(b"R")
            if state is not None:
                _emit(state, write, of_array)
                write(b"b")
        case Persistent(identity):
            _emit(identity, write, of_array)
            write(b"Q")
        case np.ndarray():
            _emit(of_array(value), write, of_array)
        case dict():
            write(b"}(")
            for item in (x for pair in value.items() for x in pair):
                _emit(item, write, of_array)
            write(b"u")
        case list() | tuple():
            write(b"(")
            for item in value:
                _emit(item, write, of_array)
            write(b"l" if isinstance(value, list) else b"t")
        case _:
            write(pickle.dumps(value, protocol=2)[2:-1])


def _write_zip(path: Path, pickled: bytes, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", "little")
        for key, array in arrays.items():
            archive.writestr(f"archive/data/{key}", array.tobytes())
        archive.writestr("archive/version", "3\n")


def _write_legacy(path: Path, pickled: bytes, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    with path.open("wb") as file:
        file.write(pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2))
        file.write(pickle.dumps(1001, protocol=2))
        file.write(pickle.dumps({"protocol_version": 1001, "little_endian": True}, protocol=2))
        file.write(pickled)
        file.write(pickle.dumps(list(arrays), protocol=2))
        for array in arrays.values():
            file.write(struct.pack("<q", array.size))
            array.tofile(file)
