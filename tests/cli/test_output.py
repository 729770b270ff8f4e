"""Where results go, and what is told when they cannot go there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stenograf.cli.output import Outputs, write_whole
from stenograf.cli.recordings import unique_stems
from stenograf.core.errors import DiskFullError, OptionError, OutputError
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Transcript, Word

DOCUMENT = Transcript(Recording("call.mp3", 2.0), words=(Word(Span(0, 1), "Да."),))


def outputs(folder: Path | None, *formats: str, files: tuple[str, ...] = ("call.mp3",)) -> Outputs:
    return Outputs(folder, formats, stems=unique_stems(files))


def test_a_folder_that_cannot_be_made_is_told_before_any_work(tmp_path: Path) -> None:
    """A file where the folder should be is found by `check`."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="taken cannot be written"):
        outputs(tmp_path / "taken", "srt").check()


def test_a_file_name_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """`-o call.srt` would otherwise make a folder of that name."""
    with pytest.raises(OptionError, match=r"call\.srt looks like a file"):
        outputs(tmp_path / "call.srt", "srt").check()
    assert not (tmp_path / "call.srt").exists()


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    """The folder is there afterwards, and empty."""
    outputs(tmp_path / "new", "srt").check()
    assert list((tmp_path / "new").iterdir()) == []


def test_several_recordings_in_a_format_become_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Two JSON documents one after the other on a pipe are none."""
    monkeypatch.chdir(tmp_path)
    files = ("a.mp3", "b.mp3")
    several = outputs(None, "json", files=files)
    for file in files:
        several.write(file, DOCUMENT)
    assert capsysbinary.readouterr().out == b""
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "b.json"}


def test_several_recordings_without_a_format_are_read_on_the_screen(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Each text stands under its recording's name, in UTF-8 whatever the terminal says."""
    files = ("встреча.mp3", "b.mp3")
    several = outputs(None, files=files)
    for file in files:
        several.write(file, DOCUMENT)
    text = capsysbinary.readouterr().out.decode()
    assert text.startswith("== встреча.mp3 ==\n")
    assert "\n== b.mp3 ==\n" in text


def test_no_name_overwrites_another() -> None:
    """A number that is taken already is not given again."""
    stems = unique_stems(["call.mp3", "call.wav", "call-2.mp3", "CALL.ogg"])
    assert len({stem.casefold() for stem in stems.values()}) == 4


def test_a_result_replaces_the_one_before_and_nothing_else_stays(tmp_path: Path) -> None:
    """No half-written file, no temporary one, and the name may be as long as the system allows."""
    path = tmp_path / ("я" * 120 + ".txt")
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_others_may_read_a_result_as_the_umask_says(tmp_path: Path) -> None:
    """A result is not secret because it was written through a temporary file."""
    umask = os.umask(0o022)
    try:
        write_whole(tmp_path / "call.txt", b"")
    finally:
        os.umask(umask)
    assert (tmp_path / "call.txt").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_device_is_written_to_and_not_replaced() -> None:
    """/dev/full stays what it is, and its answer is the disk's."""
    with pytest.raises(DiskFullError, match="/dev/full cannot be written"):
        write_whole(Path("/dev/full"), b"text")
    assert Path("/dev/full").is_char_device()
