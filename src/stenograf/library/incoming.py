"""Sound on its way in: written chunk by chunk beside the blobs, hashed as it passes."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from types import TracebackType
from typing import Final

from stenograf.library.faults import disk_faults

PART_SUFFIX: Final = ".part"
MAX_NAME_CHARS: Final = 255
UNKNOWN_TYPE: Final = "application/octet-stream"

_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,49}/[A-Za-z0-9!#$&^_.+-]{1,49}")


class PartFile:
    """A new file that is gone again unless `close` was reached.

    Raises DiskFullError or LibraryError; after any error nothing is left.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        with disk_faults(path.parent):
            self._file = path.open("xb", buffering=0)

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Add some bytes."""
        with disk_faults(self.path.parent):
            write_all(self._file.fileno(), chunk)
        self._hash.update(chunk)
        self.size_bytes += len(chunk)

    def close(self) -> str:
        """Bring the file to the disk; its SHA-256 in hexadecimal."""
        with disk_faults(self.path.parent):
            os.fsync(self._file.fileno())
            self._file.close()
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Remove the file, if it still lies where it was written."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> PartFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()


def write_all(descriptor: int, chunk: bytes | bytearray | memoryview) -> None:
    """Write every byte; a full disk may take some of them before it refuses."""
    rest = memoryview(chunk).cast("B")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def clean_name(name: str) -> str:
    r"""A file name as people read it: no folders, nothing invisible, at most 255 characters.

    >>> clean_name("../../etc/passwd"), clean_name("C:\\calls\\a\u202ecall.mp3\n"), clean_name("..")
    ('passwd', 'acall.mp3', 'recording')
    """
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in base if unicodedata.category(c)[0] != "C" or c == "\u200d")
    shown = " ".join(shown.split())
    if not shown.strip(". "):
        return "recording"
    if len(shown) > MAX_NAME_CHARS:
        suffix = Path(shown).suffix[:20]
        shown = shown[: MAX_NAME_CHARS - len(suffix)] + suffix
    return shown


def clean_type(content_type: str) -> str:
    r"""The media type without parameters; what is none becomes the one for unknown bytes.

    >>> clean_type("Audio/MPEG; x=1"), clean_type("text/html\r\nX: y")
    ('audio/mpeg', 'application/octet-stream')
    """
    essence = content_type.partition(";")[0].strip(" ")
    return essence.lower() if _MEDIA_TYPE.fullmatch(essence) else UNKNOWN_TYPE


def printable(text: str) -> str:
    r"""Text on one line, without what a database cannot hold.

    >>> printable("a\x00b\ud800 c\n")
    'a b c'
    """
    hidden = {"Cc", "Cs", "Zl", "Zp"}
    return " ".join("".join(" " if unicodedata.category(c) in hidden else c for c in text).split())
