"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from stenograf.core.errors import DiskFullError, ModelError, OutputError

STALE_AFTER_S: Final = 24 * 3600.0
_OLD: Final = ".old-"
_PREFIX: Final = ".staging-"  # a dot, so that no search for models looks inside


@contextmanager
def staged_file(target: Path) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends well, else it goes."""
    with staged_folder_beside(target) as folder:
        part = folder / target.name
        yield part
        _flush(part)
        part.replace(target)


@contextmanager
def staged_folder(target: Path) -> Iterator[Path]:
    """An empty folder to fill; it becomes `target` when the block ends well, else it goes.

    A folder that lies at `target` is replaced: it is moved aside first, so for the moment between
    two renames nothing lies there; `restore` undoes a move whose second half never came.
    """
    with staged_folder_beside(target) as folder:
        part = folder / "new"
        part.mkdir()
        yield part
        for path in part.rglob("*"):
            if path.is_file():
                _flush(path)
        restore(target)
        _exchange(part, target)


def _exchange(part: Path, target: Path) -> None:
    """Move the old folder aside and the new one in; another process may restore in between."""
    aside = _aside(target)
    for _ in range(3):
        if target.exists():
            target.rename(aside)
        try:
            part.rename(target)
        except OSError:
            if not target.exists():
                raise
        else:
            break
    shutil.rmtree(aside, ignore_errors=True)


def recover(folder: Path) -> None:
    """Bring back every folder here that a killed replacement had moved aside."""
    with suppress(OSError):  # nothing to bring back on a disk that cannot be written
        for aside in folder.glob(_OLD + "*"):
            restore(aside.with_name(aside.name.removeprefix(_OLD)))


def restore(target: Path) -> None:
    """Bring back a folder that a killed `staged_folder` had moved aside."""
    aside = _aside(target)
    if not aside.exists():
        return
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(target)


@contextmanager
def staged_folder_beside(target: Path) -> Iterator[Path]:
    """A scratch folder on the disk of `target`, so that a rename never has to copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Faults of the disk as errors that say which folder to free or to change."""
    try:
        yield
    except OSError as fault:
        if isinstance(fault, ModelError):
            raise
        if fault.errno == errno.ENOSPC:
            raise DiskFullError(
                "The disk of {folder} is full.",
                hint="Free some space, or set STENOGRAF_MODELS_DIR to a folder on a larger disk.",
                folder=folder,
            ) from fault
        if isinstance(fault, PermissionError) or fault.errno == errno.EROFS:
            raise OutputError(
                "Models cannot be written to {folder}: {reason}.",
                hint="Set STENOGRAF_MODELS_DIR to a folder that this user may write to.",
                folder=folder, reason=fault.strerror,
            ) from fault  # fmt: skip
        raise


def _aside(target: Path) -> Path:
    return target.with_name(_OLD + target.name)


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed left here a day ago or earlier."""
    for left in folder.glob(_PREFIX + "*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
