"""Archives are unpacked whole, or refused with a reason and without a file outside the folder."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import ModelInvalidError
from stenograf.models import archive
from stenograf.models.archive import is_archive, unpack
from stenograf.testing.checkpoints import write_checkpoint

FILES = {"model/config.yaml": b"a: 1\n", "model/deep/er/weights.bin": bytes(range(256))}


def make_zip(path: Path, files: dict[str, bytes], *, mode: int = 0o100644) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.filename = name  # ZipInfo would tidy it
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return path


def make_tar(
    path: Path, files: dict[str, bytes], *, kind: bytes = tarfile.REGTYPE, link: str = ""
) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content) if kind == tarfile.REGTYPE else 0
            entry.type, entry.linkname = kind, link
            packed.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_good_archives_come_out_whole(tmp_path: Path, name: str) -> None:
    """Folders and bytes survive; what file managers add does not."""
    make = make_zip if name.endswith("zip") else make_tar
    junk = {"__MACOSX/model/._config.yaml": b"x", "model/.DS_Store": b"x"}
    path = make(tmp_path / name, FILES | junk)
    assert is_archive(path)
    target = tmp_path / "out"
    target.mkdir()
    unpack(path, target)
    found = {
        p.relative_to(target).as_posix(): p.read_bytes() for p in target.rglob("*") if p.is_file()
    }
    assert found == FILES


def test_checkpoints_are_no_archives(tmp_path: Path) -> None:
    """PyTorch's files are zip files inside, and are one model file all the same."""
    path = write_checkpoint(tmp_path / "x.pt", {"w": np.zeros(3)})
    assert not is_archive(path)
    assert not is_archive(tmp_path)


def zip_of(name: str, content: bytes = b"x", *, mode: int = 0o100644) -> Callable[[Path], Path]:
    return lambda folder: make_zip(folder / "a.zip", {name: content}, mode=mode)


def zip_with(*names: str) -> Callable[[Path], Path]:
    return lambda folder: make_zip(folder / "a.zip", dict.fromkeys(names, b"x"))


def tar_of(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[Path], Path]:
    return lambda folder: make_tar(folder / "a.tar", {name: b"x"}, kind=kind, link=link)


def edited(make: Callable[[Path], Path], edit: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def changed(folder: Path) -> Path:
        path = make(folder)
        path.write_bytes(edit(path.read_bytes()))
        return path

    return changed


def duplicate_zip(folder: Path) -> Path:
    path = make_zip(folder / "a.zip", {"model/one": b"1", "model/two": b"2"})
    path.write_bytes(path.read_bytes().replace(b"model/two", b"model/one"))
    return path


def many_files(folder: Path) -> Path:
    return make_zip(folder / "a.zip", {f"f{n}": b"" for n in range(archive.MAX_FILES + 1)})


def many_files_tar(folder: Path) -> Path:
    return make_tar(folder / "a.tar", {f"f{n}": b"" for n in range(archive.MAX_FILES + 1)})


def long_header(folder: Path) -> Path:
    """A pax header of 64 MB in a file of 64 KB."""
    entry = tarfile.TarInfo("././@PaxHeader")
    entry.type, entry.size = tarfile.XHDTYPE, 64 << 20
    path = folder / "a.tar.gz"
    path.write_bytes(gzip.compress(entry.tobuf() + bytes(entry.size)))
    return path


def lying_directory(content: bytes) -> bytes:
    """The table of contents claims that the file is smaller than it is."""
    place = content.index(b"PK\x01\x02")
    return content[: place + 24] + struct.pack("<I", 1) + content[place + 28 :]


BOMB = bytes(40 << 20)

HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "parent in zip": (zip_of("../evil"), "leaves the folder"),
    "parent inside": (zip_of("a/../../evil"), "leaves the folder"),
    "absolute in zip": (zip_of("/evil"), "absolute"),
    "drive": (zip_of("C:evil"), "absolute"),
    "drive in a folder": (zip_of("a/C:evil"), "Windows forbids"),
    "backslash": (zip_of("..\\evil"), "backslash"),
    "network share": (zip_of("\\\\host\\share\\evil"), "backslash"),
    "stream": (zip_of("config.yaml:evil"), "Windows forbids"),
    "device name": (zip_of("model/con"), "reserved"),
    "device with suffix": (zip_of("model/NUL.txt"), "reserved"),
    "trailing dot": (zip_of("model/config.yaml."), "reserved"),
    "trailing space": (zip_of("model/config.yaml "), "reserved"),
    "control letter": (zip_of("model/a\nb"), "Windows forbids"),
    "question mark": (zip_of("model/a?b"), "Windows forbids"),
    "too deep": (zip_of("a/" * 40 + "b"), "too deep"),
    "too long": (zip_of("a" * 250), "too long"),
    "empty name": (zip_of("./."), "empty"),
    "link in zip": (zip_of("model/link", b"/etc/passwd", mode=0o120777), "link or a device"),
    "device in zip": (zip_of("model/dev", mode=0o020666), "link or a device"),
    "same name": (duplicate_zip, "two entries"),
    "same name in other case": (zip_with("Model/A", "model/a"), "two entries"),
    "same name composed": (zip_with("é", "e\u0301"), "two entries"),
    "file and folder": (zip_with("model", "model/a"), "two entries"),
    "folder and file": (zip_with("model/a", "model"), "two entries"),
    "zip in zip": (zip_of("inner.zip"), "holds an archive"),
    "tar in zip": (zip_of("inner.tar.gz"), "holds an archive"),
    "bomb": (zip_of("weights.bin", BOMB), "grows too much"),
    "many files": (many_files, "more than 2000 files"),
    "lying size": (edited(zip_of("a.bin", b"xyz" * 99), lying_directory), "damaged|larger|early"),
    "cut zip": (edited(zip_of("a.bin", b"xyz"), lambda content: content[:-10]), "damaged|end is"),
    "flipped byte": (
        edited(
            zip_of("a.bin", bytes(range(99))),
            lambda content: content[:60] + bytes([content[60] ^ 8]) + content[61:],
        ),
        "damaged",
    ),
    "encrypted": (
        edited(
            zip_of("a.bin"),
            lambda content: content.replace(
                b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1"
            ),
        ),
        "encrypted",
    ),
    "parent in tar": (tar_of("../evil"), "leaves the folder"),
    "absolute in tar": (tar_of("/evil"), "absolute"),
    "symbolic link": (tar_of("link", tarfile.SYMTYPE, "/etc/passwd"), "link or a device"),
    "hard link": (tar_of("link", tarfile.LNKTYPE, "/etc/passwd"), "link or a device"),
    "device": (tar_of("dev", tarfile.CHRTYPE), "link or a device"),
    "pipe": (tar_of("pipe", tarfile.FIFOTYPE), "link or a device"),
    "many files in tar": (many_files_tar, "more than 2000 files"),
    "long header": (long_header, "header of it is too long"),
    "tar bomb": (
        lambda folder: make_tar(folder / "a.tar.gz", {"weights.bin": BOMB}),
        "grows too much",
    ),
    "cut tar": (
        edited(
            lambda folder: make_tar(folder / "a.tar", {"a": bytes(9999)}),
            lambda content: content[:2000],
        ),
        "damaged|early",
    ),
    "cut gzip": (
        edited(
            lambda folder: make_tar(
                folder / "a.tar.gz", {"a": np.random.default_rng(0).bytes(9999)}
            ),
            lambda content: content[:2000],
        ),
        "damaged|early",
    ),
    "no archive": (edited(zip_of("a"), lambda _: b"hello, hello, hello"), "damaged"),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_archives_are_refused(tmp_path: Path, case: str) -> None:
    """Each gives its reason, and nothing appears outside the target."""
    make, reason = HOSTILE[case]
    source = make(tmp_path)
    target = tmp_path / "deep" / "er" / "target"
    target.mkdir(parents=True)
    before = {path for path in tmp_path.rglob("*") if target not in path.parents}
    with pytest.raises(ModelInvalidError, match=reason):
        unpack(source, target)
    assert {path for path in tmp_path.rglob("*") if target not in path.parents} == before


def test_there_are_thirty_of_them() -> None:
    """The promise of the issue."""
    assert len(HOSTILE) >= 30
