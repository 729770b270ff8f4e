"""Sound by name: files of a folder, or objects of a cloud's storage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from stenograf.core.errors import BlobMissingError, LibraryError
from stenograf.library.faults import disk_faults

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Blobs:
    """Named bytes that are there whole or not at all.

    `folder` is where `store` keeps its files, or None for a store that is not on this machine.
    """

    store: ObjectStore
    folder: Path | None

    @classmethod
    def in_folder(cls, folder: Path) -> Blobs:
        """The files of a folder, which is made where it is missing."""
        from obstore.store import LocalStore

        with disk_faults(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(folder), folder.resolve())

    def adopt(self, file: Path, name: str) -> None:
        """Take a finished file in under this name; it is gone from where it was."""
        import obstore

        if self.folder is None:
            with _store_faults(name):
                obstore.put(self.store, name, file, max_concurrency=1)
            file.unlink()
            return
        with disk_faults(self.folder):
            target = self.folder / name
            target.parent.mkdir(exist_ok=True)
            file.replace(target)
            _flush_folder(target.parent)

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start, end) in chunks; raises BlobMissingError at once."""
        import obstore

        if end <= start:
            return iter(())
        with _store_faults(name):
            found = obstore.get(self.store, name, options={"range": (start, end)})
            return _bytes(found.stream(min_chunk_size=CHUNK_BYTES))

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A file to read from while the block lasts; raises BlobMissingError."""
        if self.folder is not None:
            path = self.folder / name
            if not path.is_file():
                raise missing(name)
            yield path
            return
        with TemporaryDirectory(prefix="stenograf-") as folder:
            path = Path(folder) / "recording"
            with path.open("wb") as file:
                for chunk in self._all(name):
                    file.write(chunk)
            yield path

    def size(self, name: str) -> int:
        """How many bytes there are; raises BlobMissingError."""
        import obstore

        with _store_faults(name):
            return int(obstore.head(self.store, name)["size"])

    def delete(self, name: str) -> None:
        """Remove it; what is not there is gone already."""
        import obstore

        with _store_faults(name), suppress(FileNotFoundError):
            obstore.delete(self.store, name)

    def names(self) -> Iterator[tuple[str, float]]:
        """Every name there is, with the time it was last written."""
        import obstore

        for batch in obstore.list(self.store):
            for meta in batch:
                yield meta["path"], meta["last_modified"].timestamp()

    def _all(self, name: str) -> Iterator[bytes]:
        return self.read(name, 0, self.size(name))


def missing(name: str) -> BlobMissingError:
    """The error for a name that nothing lies under."""
    return BlobMissingError("The sound {blob} is gone.", blob=name)


@contextmanager
def _store_faults(name: str) -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as fault:
        raise missing(name) from fault
    except (BaseError, OSError) as fault:
        reason = str(fault).partition("\n")[0]
        raise LibraryError("The sound cannot be reached: {reason}.", reason=reason) from fault


def _bytes(stream: Iterator[object]) -> Iterator[bytes]:
    for chunk in stream:
        yield bytes(memoryview(chunk))  # type: ignore[arg-type]  # obstore's own buffer


def _flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
