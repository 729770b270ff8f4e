"""Reads what `torch.save` wrote, without torch and without running what the file asks for.

Both forms: the zip archive (since PyTorch 1.6) and the older stream of pickles and raw storages.
Tensors stay on disk until they are asked for, so that a large file is read once, piece by piece.
"""

from __future__ import annotations

import math
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.models.pickle_machine import Build, Inert, RefusedPickleError, read_pickle

Array: TypeAlias = npt.NDArray[Any]

LEGACY_MAGIC: Final = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")  # pickled 0x1950a86a20f9...
LEGACY_PROTOCOL: Final = 1001
MAX_DIMENSIONS: Final = 16

_DTYPES: Final[dict[str, str]] = {
    "torch.DoubleStorage": "<f8",
    "torch.FloatStorage": "<f4",
    "torch.HalfStorage": "<f2",
    "torch.BFloat16Storage": "bfloat16",  # numpy has none: read as the upper half of a float32
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "?",
    "torch.UntypedStorage": "u1",
    "torch.storage.UntypedStorage": "u1",
}

# What training frameworks leave beside the weights. Each becomes a value that does nothing.
_INERT: Final = (
    "argparse.Namespace",
    "collections.defaultdict",
    "lightning.fabric.utilities.data.AttributeDict",
    "lightning_fabric.utilities.data.AttributeDict",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "pyannote.audio.core.model.Introspection",
    "pyannote.audio.core.task.Problem",
    "pyannote.audio.core.task.Resolution",
    "pyannote.audio.core.task.Specifications",
    "pytorch_lightning.callbacks.early_stopping.EarlyStopping",
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    "pytorch_lightning.utilities.parsing.AttributeDict",
    "torch.device",
    "torch.torch_version.TorchVersion",
    *(f"torch.{name}" for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32")),
)


@dataclass(slots=True)
class Storage:
    """A run of equal items in the file; `offset` is in bytes."""

    path: Path
    dtype: str
    n_items: int
    offset: int = -1

    @property
    def itemsize(self) -> int:
        """Bytes of one item."""
        return 2 if self.dtype == "bfloat16" else np.dtype(self.dtype).itemsize

    def read(self, start: int, stop: int) -> Array:
        """The items [start, stop), bfloat16 widened to float32."""
        stored = "<u2" if self.dtype == "bfloat16" else self.dtype
        position = self.offset + start * self.itemsize
        items = np.fromfile(self.path, dtype=stored, count=stop - start, offset=position)
        if len(items) != stop - start:
            raise _refused(self.path, "it ends inside a tensor")
        if self.dtype == "bfloat16":
            return (items.astype("<u4") << 16).view("<f4")
        return items


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor that is still on disk; offset and strides count items."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self) -> Array:
        """The tensor as a C-ordered array of its own memory."""
        if 0 in self.shape:
            return np.zeros(self.shape, self.storage.read(0, 0).dtype)
        items = self.storage.read(self.offset, self.offset + self._extent)
        strides = tuple(stride * items.itemsize for stride in self.strides)
        view = np.lib.stride_tricks.as_strided(items, self.shape, strides, writeable=False)
        return np.ascontiguousarray(view).reshape(self.shape)

    @property
    def _extent(self) -> int:
        reach = zip(self.shape, self.strides, strict=True)
        return 1 + sum((size - 1) * stride for size, stride in reach)

    def check(self) -> None:
        """Refuse what reaches outside its storage or claims more than is stored."""
        counts = (self.offset, *self.shape, *self.strides)
        if len(self.shape) != len(self.strides) or len(self.shape) > MAX_DIMENSIONS:
            raise RefusedPickleError("a tensor's shape and strides do not fit each other")
        if any(type(count) is not int or count < 0 for count in counts):
            raise RefusedPickleError(
                "a tensor has a negative or fractional offset, shape or stride"
            )
        if 0 in self.shape:
            return
        if self.offset + self._extent > self.storage.n_items:
            raise RefusedPickleError("a tensor reaches outside its storage")
        if math.prod(self.shape) > self.storage.n_items:
            raise RefusedPickleError("a tensor claims more items than its storage holds")


class Weights(Mapping[str, Array]):
    """Tensors by name; each access reads that tensor from disk."""

    def __init__(self, tensors: Mapping[str, StoredTensor]) -> None:
        self._tensors = tensors

    def __getitem__(self, name: str) -> Array:
        return self._tensors[name].read()

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, known without reading it."""
        return self._tensors[name].shape


def read_checkpoint(path: Path) -> Any:
    """What was saved: plain containers with StoredTensor leaves.

    Raises ModelInvalidError with the reason for everything that is not data.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(LEGACY_MAGIC))
            file.seek(0)
            if head[:4] == b"PK\x03\x04":
                return _read_zip(path)
            if head == LEGACY_MAGIC:
                return _read_legacy(path, file)
    except FileNotFoundError as fault:
        raise ModelMissingError("There is no file {path}.", path=path) from fault
    except RefusedPickleError as fault:
        raise _refused(path, str(fault)) from fault
    except (OSError, zipfile.BadZipFile, struct.error, NotImplementedError) as fault:
        raise _refused(path, f"it is damaged or cannot be read ({fault})") from fault
    raise _refused(path, "it does not begin as a PyTorch file does")


def read_weights(path: Path, *keys: str) -> Weights:
    """The tensors of a checkpoint, from the first of `keys` it has, else from its top level."""
    root = read_checkpoint(path)
    for key in keys:
        if isinstance(root, dict) and isinstance(root.get(key), dict):
            return weights_of(root[key], path)
    return weights_of(root, path)


def weights_of(table: Any, path: Path) -> Weights:
    """The named tensors of one dictionary of a checkpoint; `path` is for the error."""
    if not isinstance(table, dict):
        raise _refused(path, "it holds no table of tensors")
    tensors = {name: value for name, value in table.items() if isinstance(value, StoredTensor)}
    if not tensors:
        raise _refused(path, "it holds no tensors")
    return Weights(tensors)


def _refused(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError("{path} is not used: {reason}.", path=path, reason=reason)


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> StoredTensor:
    if not isinstance(storage, Storage) or not all(isinstance(x, tuple) for x in (shape, strides)):
        raise RefusedPickleError("a tensor is not made of a storage, a shape and strides")
    tensor = StoredTensor(storage, offset, shape, strides)
    tensor.check()
    return tensor


def _parameter(tensor: Any, *_: Any) -> StoredTensor:
    if not isinstance(tensor, StoredTensor):
        raise RefusedPickleError("a parameter is not made of a tensor")
    return tensor


def _ordered_dict(*items: Any) -> dict[Any, Any]:
    if items not in ((), ([],)):  # torch fills it afterwards, item by item
        raise RefusedPickleError("an ordered dictionary is built in an unusual way")
    return OrderedDict()


def _size(items: Any = ()) -> tuple[Any, ...]:
    return tuple(items) if isinstance(items, list | tuple) else ()


def _inert(kind: str) -> Build:
    return lambda *args: Inert(kind, args)


def _storage_name(dtype: str) -> Build:
    return lambda *_: dtype


_NAMES: Final[dict[str, Build]] = {
    "collections.OrderedDict": _ordered_dict,
    "torch.Size": _size,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    **{name: _inert(name) for name in _INERT},
    **{name: _storage_name(dtype) for name, dtype in _DTYPES.items()},
}


class _Storages:
    """The storages a pickle mentions, by key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.by_key: dict[str, Storage] = {}

    def resolve(self, identity: Any) -> Storage:
        """A persistent id: ("storage", type, key, device, number of items[, view])."""
        if not isinstance(identity, tuple) or len(identity) not in (5, 6):
            raise RefusedPickleError("a storage is named in an unknown way")
        tag, kind, key, _, n_items = identity[:5]
        dtype = _DTYPES.get(getattr(kind, "full", ""))
        if tag != "storage" or dtype is None or not isinstance(key, str):
            raise RefusedPickleError("a storage is of an unknown kind")
        if type(n_items) is not int or n_items < 0:
            raise RefusedPickleError("a storage has a negative size")
        if identity[5:] not in ((), (None,)):
            raise RefusedPickleError("a storage is a view of another, as PyTorch 0.4 wrote them")
        known = self.by_key.setdefault(key, Storage(self._path, dtype, n_items))
        if (known.dtype, known.n_items) != (dtype, n_items):
            raise RefusedPickleError("one storage is named with two types or sizes")
        return known


def _read_zip(path: Path) -> Any:
    storages = _Storages(path)
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if len(entries) != len(archive.infolist()):
            raise RefusedPickleError("two entries of the archive have one name")
        root = _root(entries)
        _check_byte_order(file, entries.get(root + "byteorder"))
        file.seek(_data_offset(file, entries[root + "data.pkl"]))
        result = read_pickle(file, names=_NAMES, persistent=storages.resolve)
        for key, storage in storages.by_key.items():
            entry = entries.get(f"{root}data/{key}")
            if entry is None:
                raise RefusedPickleError(f"the storage {key[:40]} is missing")
            if entry.file_size < storage.n_items * storage.itemsize:
                raise RefusedPickleError(f"the storage {key[:40]} is shorter than it claims")
            storage.offset = _data_offset(file, entry)
    return result


def _root(entries: Mapping[str, zipfile.ZipInfo]) -> str:
    roots = [name[: -len("data.pkl")] for name in entries if name.endswith("/data.pkl")]
    if len(roots) != 1:
        raise RefusedPickleError("the archive is not a PyTorch checkpoint (no single data.pkl)")
    return roots[0]


def _check_byte_order(file: IO[bytes], entry: zipfile.ZipInfo | None) -> None:
    if entry is None:  # PyTorch before 2.1 did not say; all supported machines were little-endian
        return
    file.seek(_data_offset(file, entry))
    if file.read(6) != b"little":
        raise RefusedPickleError("it was written on a big-endian machine")


def _data_offset(file: IO[bytes], entry: zipfile.ZipInfo) -> int:
    """Where the entry's bytes begin in the file; torch stores them uncompressed."""
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
        raise RefusedPickleError("its archive is compressed or encrypted, which PyTorch never does")
    file.seek(entry.header_offset)
    head = file.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise RefusedPickleError("its archive is damaged")
    name_bytes, extra_bytes = struct.unpack("<HH", head[26:30])
    offset = entry.header_offset + 30 + name_bytes + extra_bytes
    if offset + entry.file_size > file.seek(0, 2):
        raise RefusedPickleError("it ends inside a tensor")
    return int(offset)


def _read_legacy(path: Path, file: IO[bytes]) -> Any:
    storages = _Storages(path)

    def following() -> Any:
        return read_pickle(file, names=_NAMES, persistent=storages.resolve)

    following()  # the magic number, compared before
    if following() != LEGACY_PROTOCOL:
        raise RefusedPickleError("it has an unknown protocol")
    system = following()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise RefusedPickleError("it was written on a big-endian machine")
    result, keys = following(), following()
    if not isinstance(keys, list) or sorted(map(str, keys)) != sorted(storages.by_key):
        raise RefusedPickleError("its list of storages does not match its tensors")
    for key in keys:
        _place(storages.by_key[key], file)
    return result


def _place(storage: Storage, file: IO[bytes]) -> None:
    """Note where a legacy storage lies and step over it: a count of items, then the items."""
    head = file.read(8)
    if len(head) < 8:
        raise RefusedPickleError("it ends before its tensors do")
    (n_items,) = struct.unpack("<q", head)
    if n_items != storage.n_items:
        raise RefusedPickleError("a storage has another size than its pickle says")
    storage.offset = file.tell()
    end = storage.offset + n_items * storage.itemsize
    if file.seek(0, 2) < end:
        raise RefusedPickleError("it ends inside a tensor")
    file.seek(end)
