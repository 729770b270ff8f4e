"""Recordings that arrive in parts, each continuing where the one before ended."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stenograf.core.errors import (
    ConflictError,
    OptionError,
    UploadInvalidError,
    UploadNotFoundError,
)
from stenograf.library.blobs import CHUNK_BYTES
from stenograf.library.database import reading, writing
from stenograf.library.faults import disk_faults
from stenograf.library.incoming import clean_name, clean_type, write_all
from stenograf.library.recordings import blob_name, insert_recording, recording_row
from stenograf.library.records import StoredRecording, Upload
from stenograf.library.shelf import Shelf, new_id, record

if TYPE_CHECKING:
    from sqlalchemy import Connection

UPLOAD_SUFFIX: Final = ".upload"
LOCK_SUFFIX: Final = ".lock"


class Continuation:
    """The open end of an upload."""

    def __init__(self, descriptor: int, path: Path, upload: Upload) -> None:
        self._descriptor = descriptor
        self._folder = path.parent
        self._size_bytes = upload.size_bytes
        self.received_bytes = upload.received_bytes

    def write(self, chunk: bytes) -> None:
        """Add some bytes; raises UploadInvalidError, DiskFullError or LibraryError."""
        if self.received_bytes + len(chunk) > self._size_bytes:
            raise UploadInvalidError(
                "More than the announced {size} bytes arrived.", size=self._size_bytes
            )
        with disk_faults(self._folder):
            write_all(self._descriptor, chunk)
        self.received_bytes += len(chunk)

    def flush(self) -> None:
        """Bring to the disk what was written, before anybody is told that it arrived."""
        with disk_faults(self._folder):
            os.fsync(self._descriptor)


class UploadShelf(Shelf):
    """The part of the library that holds what is not complete yet."""

    def begin_upload(
        self, name: str, size_bytes: int, *, content_type: str, key_id: str | None = None
    ) -> Upload:
        """An upload of that many bytes, none of which has arrived; its id will be the recording's.

        Raises OptionError for a size that is not positive.
        """
        from stenograf.library.tables import uploads

        if size_bytes <= 0:
            raise OptionError("An upload needs a size of at least 1 byte.")
        at = self.now()
        upload = Upload(
            id=new_id(),
            name=clean_name(name),
            content_type=clean_type(content_type),
            size_bytes=size_bytes,
            received_bytes=0,
            key_id=key_id,
            created_at=at,
            touched_at=at,
        )
        row = {field: getattr(upload, field) for field in Upload.__dataclass_fields__}
        with writing(self.engine) as connection:
            connection.execute(uploads.insert().values(row))
        return upload

    def upload(self, upload_id: str) -> Upload:
        """How far it is; raises UploadNotFoundError."""
        with reading(self.engine) as connection:
            return _upload_in(connection, upload_id)

    def append(self, upload_id: str, offset: int, chunks: Iterable[bytes]) -> Upload:
        """The upload with these bytes added; what arrived before an error is kept.

        Raises as `continue_upload` does.
        """
        with self.continue_upload(upload_id, offset) as end:
            for chunk in chunks:
                end.write(chunk)
        return self.upload(upload_id)

    @contextmanager
    def continue_upload(self, upload_id: str, offset: int) -> Iterator[Continuation]:
        """The open end of an upload, to write to; what was written is kept, errors or not.

        Raises ConflictError where `offset` is not where it ends (`expected` in its details is) or
        while another request writes; UploadNotFoundError.
        """
        self.upload(upload_id)
        path = self._part(upload_id)
        with _alone(path):
            upload = self.upload(upload_id)
            if offset != upload.received_bytes:
                raise ConflictError(
                    "The upload continues at byte {expected}, not at {offset}.",
                    expected=upload.received_bytes,
                    offset=offset,
                )
            with _open_at(path, offset) as descriptor:
                end = Continuation(descriptor, path, upload)
                try:
                    yield end
                finally:
                    end.flush()
                    self._note(upload_id, end.received_bytes)

    def finish_upload(self, upload_id: str, sha256: str | None = None) -> StoredRecording:
        """The recording that has arrived; finishing again gives it again.

        Raises ConflictError while bytes are missing, UploadInvalidError where the hash differs.
        """
        if (kept := self._kept(upload_id)) is not None:
            return kept
        self.upload(upload_id)
        path = self._part(upload_id)
        with _alone(path):
            if (kept := self._kept(upload_id)) is not None:
                return kept
            upload = self.upload(upload_id)
            if upload.received_bytes < upload.size_bytes:
                raise ConflictError(
                    "The upload continues at byte {expected} of {size}.",
                    expected=upload.received_bytes,
                    size=upload.size_bytes,
                )
            kept = self._keep(upload, path, sha256)
            path.with_suffix(LOCK_SUFFIX).unlink(missing_ok=True)
            return kept

    def cancel_upload(self, upload_id: str) -> None:
        """Forget an upload and what arrived of it; raises UploadNotFoundError."""
        from stenograf.library.tables import uploads

        self.upload(upload_id)
        path = self._part(upload_id)
        with _alone(path):
            with writing(self.engine) as connection:
                connection.execute(uploads.delete().where(uploads.c.id == upload_id))
            path.unlink(missing_ok=True)
            path.with_suffix(LOCK_SUFFIX).unlink(missing_ok=True)

    def _part(self, upload_id: str) -> Path:
        """Where an upload that exists is written to."""
        return self.incoming / (upload_id + UPLOAD_SUFFIX)

    def _note(self, upload_id: str, received_bytes: int) -> None:
        from stenograf.library.tables import uploads

        change = uploads.update().where(uploads.c.id == upload_id)
        with writing(self.engine) as connection:
            values = {"received_bytes": received_bytes, "touched_at": self.now()}
            connection.execute(change.values(values))

    def _kept(self, upload_id: str) -> StoredRecording | None:
        from stenograf.library.tables import recordings

        query = recordings.select().where(recordings.c.id == upload_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else record(StoredRecording, row)

    def _keep(self, upload: Upload, path: Path, sha256: str | None) -> StoredRecording:
        from stenograf.library.tables import uploads

        blob = blob_name(upload.id)
        if path.exists():
            found = _sha256(path)
            _check(found, sha256)
            self.blobs.adopt(path, blob)
        else:  # a crash came between the two steps: the blob is there, its row is not
            with self.blobs.file(blob) as file:
                found = _sha256(file)
        row = recording_row(
            upload.id,
            name=upload.name,
            content_type=upload.content_type,
            key_id=upload.key_id,
            at=self.now(),
        )
        with writing(self.engine) as connection:
            connection.execute(uploads.delete().where(uploads.c.id == upload.id))
            row |= {"size_bytes": upload.size_bytes, "sha256": found}
            return insert_recording(connection, row)


def _upload_in(connection: Connection, upload_id: str) -> Upload:
    from stenograf.library.tables import uploads

    query = uploads.select().where(uploads.c.id == upload_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise _unknown(upload_id)
    return record(Upload, row)


def _unknown(upload_id: str) -> UploadNotFoundError:
    return UploadNotFoundError("There is no upload {id}.", id=upload_id[:64])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep every other process and thread from the upload; a killed one lets go of it."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_suffix(LOCK_SUFFIX), timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as taken:
        raise ConflictError("Another request is writing to this upload.") from taken
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _open_at(path: Path, offset: int) -> Iterator[int]:
    """The file cut to `offset` bytes, to write behind them."""
    with disk_faults(path.parent):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with disk_faults(path.parent):
            if os.fstat(descriptor).st_size < offset:
                raise UploadInvalidError("A part of what had arrived is gone.")
            os.ftruncate(descriptor, offset)
            os.lseek(descriptor, offset, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()


def _check(found: str, announced: str | None) -> None:
    if announced is not None and announced.lower() != found:
        raise UploadInvalidError(
            "What arrived has the SHA-256 {found}; {announced} was announced.",
            found=found,
            announced=announced,
        )
