"""Readers of the field's formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from stenograf.core.errors import EvaluationError
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.evaluate.formats import read_ctm, read_rttm, read_stm, read_text, read_uem


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_rttm_gives_turns_by_recording(tmp_path: Path) -> None:
    """Other line types, comments and blank lines are passed over."""
    path = write(
        tmp_path,
        "a.rttm",
        "\ufeff;; made by hand\nSPKR-INFO one 1 <NA> <NA> <NA> adult Анна <NA>\n\n"
        "SPEAKER one 1 0.5 1.5 <NA> <NA> Анна <NA> <NA>\n"
        "SPEAKER two 1 3 1 <NA> <NA> B <NA>\n",
    )
    assert read_rttm(path) == {
        "one": [Turn(Span(0.5, 2.0), "Анна")],
        "two": [Turn(Span(3, 4), "B")],
    }


def test_uem_gives_spans_by_recording(tmp_path: Path) -> None:
    """Several regions of one recording are kept."""
    path = write(tmp_path, "a.uem", "one NA 0 30\none NA 40 50.5\n")
    assert read_uem(path) == {"one": [Span(0, 30), Span(40, 50.5)]}


def test_stm_gives_words_with_speakers(tmp_path: Path) -> None:
    """The label field is no word, and unscored time holds none."""
    path = write(
        tmp_path,
        "a.stm",
        "one 1 anna 0 2 <o,f0,female> good morning\n"
        "one 1 none 2 3 IGNORE_TIME_SEGMENT_IN_SCORING\n"
        "one 1 boris 3 4 hello\n",
    )
    words = read_stm(path)["one"]
    assert [(word.speaker, word.text) for word in words] == [
        ("anna", "good"),
        ("anna", "morning"),
        ("boris", "hello"),
    ]
    assert [word.span for word in words] == [Span(0, 1), Span(1, 2), Span(3, 4)]


def test_ctm_gives_words_with_times(tmp_path: Path) -> None:
    """Confidence is optional."""
    words = read_ctm(write(tmp_path, "a.ctm", "one 1 0.25 0.5 hello 0.9\none 1 1 0.5 all\n"))
    assert [(word.span, word.text) for word in words["one"]] == [
        (Span(0.25, 0.75), "hello"),
        (Span(1, 1.5), "all"),
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("SPEAKER one 1 0.5", 'a.rttm, line 2: fields are missing in "SPEAKER one 1 0.5"'),
        ("SPEAKER one 1 zero 1 <NA> <NA> A <NA>", "line 2: a time is not a number"),
        ("SPEAKER one 1 nan 1 <NA> <NA> A <NA>", "line 2: a time is not a number"),
        ("SPEAKER one 1 0 inf <NA> <NA> A <NA>", "line 2: a time is not a number"),
        ("SPEAKER one 1 5 -1 <NA> <NA> A <NA>", "line 2: the end lies before the start"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    """The complaint gives file, line and what stands there."""
    path = write(tmp_path, "a.rttm", f"\n{line}\n")
    with pytest.raises(EvaluationError) as caught:
        read_rttm(path)
    assert complaint in str(caught.value)


def test_braces_in_a_file_are_only_text(tmp_path: Path) -> None:
    """What a file holds is a detail of the message, never its template."""
    with pytest.raises(EvaluationError, match=r"SPEAKER \{oops\}"):
        read_rttm(write(tmp_path, "a.rttm", "SPEAKER {oops}\n"))


def test_unreadable_files_are_explained(tmp_path: Path) -> None:
    """Missing, a folder, or not text: each has its own answer."""
    with pytest.raises(EvaluationError, match="There is no file"):
        read_text(tmp_path / "missing.txt")
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_text(tmp_path)
    binary = tmp_path / "a.txt"
    binary.write_bytes(b"ab\xff\xfe")
    with pytest.raises(EvaluationError, match="not UTF-8 text: byte 2"):
        read_text(binary)
