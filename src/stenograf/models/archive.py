"""Unpacks what people download, and refuses what could write elsewhere or fill the disk.

Names are judged for every system at once, so that an archive that is accepted here is accepted on
Windows too; sizes are counted while bytes arrive, whatever the headers claim.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from stenograf.core.errors import ModelInvalidError
from stenograf.core.ports import OnProgress, ignore_progress

MAX_FILES: Final = 2_000
MAX_BYTES: Final = 64 << 30
MAX_RATIO: Final = 50  # weights hardly shrink
FREE_BYTES: Final = 16 << 20  # a small archive of texts may well shrink more than that
MAX_DEPTH: Final = 12
MAX_NAME: Final = 200
MAX_DIRECTORY_BYTES: Final = 4 << 20
BLOCK_BYTES: Final = 1 << 20

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))}
)
_ARCHIVES: Final = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".whl")
_JUNK: Final = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})
_ZIP: Final = b"PK\x03\x04"
_PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_END_OF_ZIP: Final = b"PK\x05\x06"


class RefusedArchiveError(ValueError):
    """The reason why an archive is not unpacked."""


@dataclass(slots=True)
class _Budget:
    """What one archive may still become."""

    packed_bytes: int
    written: int = 0
    names: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)

    def claim(self, name: str) -> PurePosixPath:
        """The path a file may have inside the target."""
        path = safe_name(name)
        key = _key(path)
        parents = {_key(parent) for parent in path.parents}
        if key in self.names or key in self.folders or parents & self.names:
            raise RefusedArchiveError(f"two entries are called {name[:80]!r} on some systems")
        self.names.add(key)
        self.folders |= parents
        if len(self.names) > MAX_FILES:
            raise RefusedArchiveError(f"it holds more than {MAX_FILES} files")
        return path

    def spend(self, n_bytes: int) -> None:
        self.written += n_bytes
        if self.written > min(MAX_BYTES, FREE_BYTES + MAX_RATIO * self.packed_bytes):
            raise RefusedArchiveError("it grows too much when unpacked")


def is_archive(path: Path) -> bool:
    """Whether a file is packed; checkpoints of PyTorch are zip files too, and are not."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(262)
    if head[:4] == _ZIP:
        return not _is_checkpoint(path)
    return head[257:262] == b"ustar" or head.startswith(_PACKED)


def unpack(path: Path, target: Path, *, on_progress: OnProgress = ignore_progress) -> None:
    """Write the files of a zip or tar below `target`, an empty folder.

    Raises ModelInvalidError with the reason; the caller throws away what was written before.
    """
    budget = _Budget(path.stat().st_size)
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if head == _ZIP:
            _unpack_zip(path, target, budget, on_progress)
        else:
            _unpack_tar(path, target, budget, on_progress)
    except RefusedArchiveError as fault:
        raise _refused(path, str(fault)) from fault
    except (
        *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile),
        *(EOFError, NotImplementedError, struct.error, RuntimeError, UnicodeError, OverflowError),
    ) as fault:
        raise _refused(path, f"it is damaged or of an unknown kind ({fault})") from fault


def safe_name(name: str) -> PurePosixPath:
    r"""A name from an archive as a path that stays below its target on every system.

    >>> safe_name("model/config.yaml").as_posix()
    'model/config.yaml'
    >>> safe_name("..\\evil")
    Traceback (most recent call last):
    ...
    stenograf.models.archive.RefusedArchiveError: the name '..\\evil' has a backslash
    """
    shown = ascii(name[:80])
    if "\\" in name:
        raise RefusedArchiveError(f"the name {shown} has a backslash")
    if name.startswith("/") or name[1:2] == ":":
        raise RefusedArchiveError(f"the name {shown} is absolute")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or len(parts) > MAX_DEPTH:
        raise RefusedArchiveError(f"the name {shown} is empty or too deep")
    for part in parts:
        _check_part(part, shown)
    return PurePosixPath(*parts)


def _check_part(part: str, shown: str) -> None:
    if part == "..":
        raise RefusedArchiveError(f"the name {shown} leaves the folder")
    if any(ord(letter) < 32 or letter in '<>:"|?*' or ord(letter) == 127 for letter in part):
        raise RefusedArchiveError(f"the name {shown} has a letter that Windows forbids")
    if part[-1] in ". " or part.split(".", maxsplit=1)[0].rstrip().lower() in _RESERVED:
        raise RefusedArchiveError(f"the name {shown} is reserved on Windows")
    if len(part.encode("utf-8", "surrogatepass")) > MAX_NAME:
        raise RefusedArchiveError(f"the name {shown} is too long")
    if any(0xD800 <= ord(letter) < 0xE000 for letter in part):
        raise RefusedArchiveError(f"the name {shown} is no text")


def _key(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _wanted(name: str) -> bool:
    """Leave out what file managers add; refuse archives in the archive."""
    parts = name.replace("\\", "/").lower().split("/")
    if _JUNK.intersection(parts) or parts[-1].startswith("._"):
        return False
    if name.lower().endswith(_ARCHIVES):
        raise RefusedArchiveError(f"it holds an archive, {name[:80]!a}: unpack it first")
    return True


def _unpack_zip(path: Path, target: Path, budget: _Budget, on_progress: OnProgress) -> None:
    _check_directory_size(path)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                safe_name(entry.filename)
                continue
            if not _wanted(entry.orig_filename):
                continue
            kind = entry.external_attr >> 16 & 0o170000
            if kind not in (0, 0o100000):
                raise RefusedArchiveError(f"{entry.filename[:80]!a} is a link or a device")
            if entry.flag_bits & 0x1:
                raise RefusedArchiveError("it is encrypted: unpack it first")
            place = target / budget.claim(entry.orig_filename)
            with archive.open(entry) as source:
                _copy(source, place, entry.file_size, budget)
            on_progress(min(1.0, budget.written / max(1, budget.packed_bytes)))


def _check_directory_size(path: Path) -> None:
    """Refuse a zip whose table of contents alone would fill the memory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    place = tail.rfind(_END_OF_ZIP)
    if place < 0 or len(tail) < place + 22:
        raise RefusedArchiveError("its end is missing: the download was probably interrupted")
    (n_entries,) = struct.unpack("<H", tail[place + 10 : place + 12])
    (n_bytes,) = struct.unpack("<I", tail[place + 12 : place + 16])
    if n_entries > MAX_FILES or n_bytes > MAX_DIRECTORY_BYTES:
        raise RefusedArchiveError(f"it holds more than {MAX_FILES} files")


def _unpack_tar(path: Path, target: Path, budget: _Budget, on_progress: OnProgress) -> None:
    with _opened(path) as raw, tarfile.open(fileobj=_Measured(raw, budget), mode="r:") as archive:
        for entry in archive:
            if entry.isdir():
                if entry.name.strip("./"):
                    safe_name(entry.name)
                continue
            if not _wanted(entry.name):
                continue
            if not entry.isreg() or entry.issparse():
                raise RefusedArchiveError(f"{entry.name[:80]!a} is a link or a device")
            source = archive.extractfile(entry)
            if source is None or not 0 <= entry.size <= MAX_BYTES:
                raise RefusedArchiveError(f"{entry.name[:80]!a} has an impossible size")
            _copy(source, target / budget.claim(entry.name), entry.size, budget)
            on_progress(min(1.0, budget.written / max(1, budget.packed_bytes)))


def _opened(path: Path) -> Any:
    with path.open("rb") as file:
        head = file.read(6)
    if head[:2] == b"\x1f\x8b":
        return gzip.open(path, "rb")
    if head[:3] == b"BZh":
        return bz2.open(path, "rb")
    if head == b"\xfd7zXZ\0":
        return lzma.open(path, "rb")
    return path.open("rb")


class _Measured:
    """A stream that gives no large pieces, so that no header of a tar can fill the memory."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget
        self.name = ""

    def read(self, n_bytes: int = -1) -> bytes:
        if not 0 <= n_bytes <= 2 * BLOCK_BYTES:
            raise RefusedArchiveError("a header of it is too long")
        return self._stream.read(n_bytes)

    def seek(self, position: int, whence: int = 0) -> int:
        ahead = position - self._stream.tell()
        if whence == 0 and ahead > MAX_RATIO * self._budget.packed_bytes + FREE_BYTES:
            raise RefusedArchiveError("it grows too much when unpacked")
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _copy(source: IO[bytes], place: Path, claimed: int, budget: _Budget) -> None:
    if shutil.disk_usage(_existing(place)).free < claimed:
        raise RefusedArchiveError("the disk has no room for it")
    place.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with place.open("xb") as target:
        for block in _blocks(source):
            budget.spend(len(block))
            written += len(block)
            if written > claimed:
                raise RefusedArchiveError("a file of it is larger than it claims")
            target.write(block)
    if written != claimed:
        raise RefusedArchiveError("it ends too early: the download was probably interrupted")


def _blocks(source: IO[bytes]) -> Iterator[bytes]:
    while block := source.read(BLOCK_BYTES):
        yield block


def _existing(place: Path) -> Path:
    return next(parent for parent in place.parents if parent.exists())


def _is_checkpoint(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/data.pkl") for name in archive.namelist()[:64]) or (
                path.suffix == ".npz"
            )
    except zipfile.BadZipFile:
        return False


def _refused(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError(
        "{path} is not unpacked: {reason}.",
        hint="Unpack it yourself, look at what is inside, and import the folder.",
        path=path,
        reason=reason,
    )
