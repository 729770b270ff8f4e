"""Sound in a store that is not a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from obstore.store import MemoryStore

from stenograf.core.errors import BlobMissingError
from stenograf.library.blobs import Blobs

CONTENT = bytes(range(256)) * 8192


@pytest.fixture(params=["folder", "elsewhere"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """A folder of this machine, and a store behind obstore's interface as S3 is one."""
    if request.param == "folder":
        return Blobs.in_folder(tmp_path / "blobs")
    return Blobs(MemoryStore(), None)


def test_what_is_adopted_is_read_back(blobs: Blobs, tmp_path: Path) -> None:
    """Whole, in parts, as a file; and the source is gone."""
    part = tmp_path / "part"
    part.write_bytes(CONTENT)
    blobs.adopt(part, "ab/abc")
    assert not part.exists()
    assert b"".join(blobs.read("ab/abc", 0, len(CONTENT))) == CONTENT
    assert b"".join(blobs.read("ab/abc", 100, 300)) == CONTENT[100:300]
    assert blobs.size("ab/abc") == len(CONTENT)
    assert [name for name, _ in blobs.names()] == ["ab/abc"]
    with blobs.file("ab/abc") as path:
        assert path.read_bytes() == CONTENT


def test_what_is_deleted_is_missing(blobs: Blobs, tmp_path: Path) -> None:
    """Deleting twice is the same as once; reading says what is missing."""
    part = tmp_path / "part"
    part.write_bytes(b"x")
    blobs.adopt(part, "ab/abc")
    for _ in range(2):
        blobs.delete("ab/abc")
    with pytest.raises(BlobMissingError):
        blobs.read("ab/abc", 0, 1)
    with pytest.raises(BlobMissingError), blobs.file("ab/abc"):
        pass
