"""Bytes to decode: a file, or a stream copied to disk; every refusal has its own answer."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from stenograf.core.errors import (
    AudioNotFoundError,
    AudioUnreadableError,
    DiskFullError,
    EmptyAudioError,
    NotAFileError,
)

BLOCK_BYTES = 1 << 20
IN_MEMORY_BYTES = 8 << 20  # a voice message from standard input needs no file

_NO_SUCH_PATH = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}
_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True, slots=True)
class Source:
    """Seekable bytes of one recording; `name` is a file name, never a path."""

    file: BinaryIO
    name: str
    size_bytes: int
    sha256: str


@contextmanager
def open_source(source: Path | BinaryIO, *, name: str | None = None) -> Iterator[Source]:
    """Open a file or copy a stream to a temporary one; either is closed at the end.

    Raises AudioNotFoundError, NotAFileError, AudioUnreadableError or EmptyAudioError.
    """
    with ExitStack() as stack:
        if isinstance(source, Path):
            shown = name or printable(source.name)
            file = stack.enter_context(_open_file(source))
            size_bytes, sha256 = _measure(file, shown)
        else:
            shown = name or "standard input"
            file = stack.enter_context(_temporary_file())
            size_bytes, sha256 = _copy(source, file, shown)
        if size_bytes == 0:
            raise EmptyAudioError("{name} is empty (0 bytes).", name=shown)
        file.seek(0)
        yield Source(file, shown, size_bytes, sha256)


def check_file(path: Path) -> None:
    """Raise what opening a file would raise, without reading it."""
    with _open_file(path) as file:
        if file.seek(0, os.SEEK_END) == 0:
            raise EmptyAudioError("{name} is empty (0 bytes).", name=printable(path.name))


@contextmanager
def disk_full_translated() -> Iterator[None]:
    """Turn "no space left on device" into DiskFullError; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        raise DiskFullError(
            "The disk is full: decoded sound does not fit into {folder}.",
            folder=tempfile.gettempdir(),
        ) from error


def printable(text: str) -> str:
    r"""The text with what cannot be encoded (a file name in a foreign encoding) replaced.

    >>> printable("call-\udcff.mp3")
    'call-?.mp3'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def _open_file(path: Path) -> BinaryIO:
    shown = printable(str(path))
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise NotAFileError("{path} is a folder.", path=shown)
        if not stat.S_ISREG(mode):  # opening a pipe would wait for a writer, perhaps for ever
            raise NotAFileError(
                "{path} is a device or a pipe, not a file.",
                path=shown,
                hint="Feed it to standard input instead, with - as the file.",
            )
        return path.open("rb")
    except OSError as error:
        if error.errno in _NO_SUCH_PATH:
            raise AudioNotFoundError("There is no file {path}.", path=shown) from error
        raise AudioUnreadableError(
            "{path} cannot be read: {reason}.", path=shown, reason=error.strerror or str(error)
        ) from error
    except ValueError as error:  # a NUL byte, which no file name can hold
        raise AudioNotFoundError("There is no file {path!r}.", path=shown) from error


def _temporary_file() -> BinaryIO:
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))


def _measure(file: BinaryIO, name: str) -> tuple[int, str]:
    """Size and SHA-256; one read ahead of decoding, which then finds the file in the page cache."""
    digest, size = hashlib.sha256(), 0
    for block in _blocks(file, name):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _copy(stream: BinaryIO, file: BinaryIO, name: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for block in _blocks(stream, name):
        digest.update(block)
        size += len(block)
        with disk_full_translated():
            file.write(block)
    return size, digest.hexdigest()


def _blocks(stream: BinaryIO, name: str) -> Iterator[bytes]:
    while True:
        try:
            block = stream.read(BLOCK_BYTES)
        except OSError as error:
            raise AudioUnreadableError(
                "{name} cannot be read: {reason}.", name=name, reason=error.strerror or str(error)
            ) from error
        if not block:
            return
        yield block
