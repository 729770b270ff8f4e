"""Faults of the disk as errors of ours, in one place."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stenograf.core.errors import DiskFullError, LibraryError

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_HINT_FULL: Final = "Delete recordings that nobody needs, or move the data folder to a larger disk."


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Run the block; raises DiskFullError or LibraryError where the folder cannot be used."""
    try:
        yield
    except OSError as fault:
        if fault.errno in _NO_ROOM:
            raise _full(folder) from fault
        raise LibraryError(
            "{folder} cannot be used: {reason}.", folder=folder, reason=fault.strerror or str(fault)
        ) from fault


def _full(folder: Path) -> DiskFullError:
    return DiskFullError("The disk of {folder} is full.", hint=_HINT_FULL, folder=folder)
