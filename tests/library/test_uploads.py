"""Recordings that arrive in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stenograf.core.errors import (
    ConflictError,
    OptionError,
    UploadInvalidError,
    UploadNotFoundError,
)
from stenograf.library import Library, Upload

CONTENT = bytes(range(250)) * 4


@pytest.fixture
def upload(library: Library) -> Upload:
    return library.begin_upload("a/b.wav", len(CONTENT), content_type="audio/wav", key_id="k")


def test_parts_become_a_recording(library: Library, upload: Upload) -> None:
    """Each part continues where the one before ended; the whole is what was announced."""
    middle = library.append(upload.id, 0, [CONTENT[:100], CONTENT[100:300]])
    assert middle.received_bytes == 300
    library.append(upload.id, 300, [CONTENT[300:]])
    kept = library.finish_upload(upload.id, hashlib.sha256(CONTENT).hexdigest().upper())
    assert (kept.id, kept.name, kept.key_id) == (upload.id, "b.wav", "k")
    assert b"".join(library.audio(kept.id)) == CONTENT
    assert list(library.incoming.iterdir()) == []


def test_finishing_twice_gives_the_same(library: Library, upload: Upload) -> None:
    """A client that missed the answer may ask again."""
    library.append(upload.id, 0, [CONTENT])
    assert library.finish_upload(upload.id) == library.finish_upload(upload.id)
    assert library.recordings().total == 1


@pytest.mark.parametrize("offset", [0, 99, 101, -1])
def test_a_wrong_offset_learns_the_right_one(library: Library, upload: Upload, offset: int) -> None:
    """A part that would leave a hole or repeat bytes is refused."""
    library.append(upload.id, 0, [CONTENT[:100]])
    with pytest.raises(ConflictError) as refused:
        library.append(upload.id, offset, [b"x"])
    assert refused.value.details["expected"] == 100
    assert library.upload(upload.id).received_bytes == 100


def test_what_arrived_before_a_break_is_kept(library: Library, upload: Upload) -> None:
    """A connection that breaks costs only the chunk that did not arrive."""

    def breaking() -> Iterator[bytes]:
        yield CONTENT[:400]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        library.append(upload.id, 0, breaking())
    assert library.upload(upload.id).received_bytes == 400
    library.append(upload.id, 400, [CONTENT[400:]])
    assert b"".join(library.audio(library.finish_upload(upload.id).id)) == CONTENT


def test_more_than_announced_is_refused(library: Library, upload: Upload) -> None:
    """The limit is checked while bytes arrive, not when they are all there."""
    with pytest.raises(UploadInvalidError):
        library.append(upload.id, 0, [CONTENT, b"x"])
    assert library.upload(upload.id).received_bytes == len(CONTENT)


def test_an_unfinished_upload_is_no_recording(library: Library, upload: Upload) -> None:
    """Finishing too early says how much is missing."""
    library.append(upload.id, 0, [CONTENT[:10]])
    with pytest.raises(ConflictError) as refused:
        library.finish_upload(upload.id)
    assert refused.value.details == {"expected": 10, "size": len(CONTENT)}


def test_a_wrong_hash_is_refused(library: Library, upload: Upload) -> None:
    """What differs from the announced hash never becomes a recording."""
    library.append(upload.id, 0, [CONTENT])
    with pytest.raises(UploadInvalidError):
        library.finish_upload(upload.id, "0" * 64)
    assert library.recordings().total == 0


def test_two_writers_at_once_are_one_too_many(library: Library, upload: Upload) -> None:
    """The second one is refused while the first writes."""
    with library.continue_upload(upload.id, 0) as end:
        end.write(CONTENT[:5])
        with pytest.raises(ConflictError):
            library.append(upload.id, 0, [b"x"])
    assert library.upload(upload.id).received_bytes == 5


def test_an_upload_that_nobody_knows(library: Library) -> None:
    """Unknown ids, and those that would be paths, are not found."""
    for id in ("0" * 32, "../../etc/passwd", ""):
        for ask in (library.upload, library.finish_upload, library.cancel_upload):
            with pytest.raises(UploadNotFoundError):
                ask(id)
    assert list(library.incoming.iterdir()) == []


def test_an_upload_needs_a_size(library: Library) -> None:
    """Nothing cannot arrive in parts."""
    with pytest.raises(OptionError):
        library.begin_upload("a.wav", 0, content_type="audio/wav")


def test_a_forgotten_upload_is_swept(
    library: Library, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day without a part, row and file go; a younger one stays."""
    library.append(upload.id, 0, [CONTENT[:10]])
    library.sweep()
    assert library.upload(upload.id).received_bytes == 10
    monkeypatch.setattr(library, "now", lambda: upload.created_at + 90_000)
    assert library.sweep().uploads == 1
    assert list(library.incoming.iterdir()) == []
    with pytest.raises(UploadNotFoundError):
        library.upload(upload.id)


def test_a_crash_between_file_and_row_is_mended(library: Library, upload: Upload) -> None:
    """The blob is in place and its row is not: finishing again completes it, sweeping spares it."""
    library.append(upload.id, 0, [CONTENT])
    part = library.incoming / f"{upload.id}.upload"
    library.blobs.adopt(part, f"{upload.id[:2]}/{upload.id}")
    library.sweep(grace_s=-1)
    assert b"".join(library.audio(library.finish_upload(upload.id).id)) == CONTENT


def test_a_file_longer_than_its_row_is_cut(library: Library, upload: Upload) -> None:
    """Bytes that were written but never noted, because of a kill, are written again."""
    library.append(upload.id, 0, [CONTENT[:100]])
    with Path(library.incoming / f"{upload.id}.upload").open("ab") as file:
        file.write(b"garbage")
    library.append(upload.id, 100, [CONTENT[100:]])
    assert b"".join(library.audio(library.finish_upload(upload.id).id)) == CONTENT
