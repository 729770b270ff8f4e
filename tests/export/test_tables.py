"""CSV, TSV, plain text and Markdown."""

import csv
import io
import re
from dataclasses import replace

from hypothesis import given, settings

from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Recording, Speaker, Transcript, Word
from stenograf.export import render
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY


def one_word(text: str, name: str | None = None) -> Transcript:
    """Somebody says one thing."""
    word = Word(Span(0.0, 1.0), text, speaker="A")
    return Transcript(Recording("a.wav", 1.0), (word,), speakers=(Speaker("A", name),))


def test_csv_is_read_back_with_names_and_commas() -> None:
    """Excel finds a byte order mark, everybody else finds RFC 4180."""
    content = render(CALL, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == {
        "start": "0.500",
        "end": "2.280",
        "speaker": "Анна Петрова",
        "text": "Добрый день, чем я могу помочь?",
        "suspect": "",
    }
    assert [row["speaker"] for row in rows] == ["Анна Петрова", "SPEAKER_01", ""]


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_csv_and_tsv_hold_the_same_cells(document: Transcript) -> None:
    """No word or name breaks a row, and none is run as a formula."""
    text = render(document, "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    lines = render(document, "tsv").decode().split("\n")
    assert [line.split("\t") for line in lines[:-1]] == rows
    assert all(len(row) == 5 for row in rows)
    assert not any(cell.startswith(tuple("=+-@")) for row in rows for cell in row)


def test_a_formula_in_a_name_is_disarmed() -> None:
    """A spreadsheet shows it as text."""
    text = render(one_word("+7 900", "=cmd|' /C calc'!A0"), "csv").decode("utf-8-sig")
    [_, row] = csv.reader(io.StringIO(text, newline=""))
    assert row[2:4] == ["'=cmd|' /C calc'!A0", "'+7 900"]


def test_notices_come_before_the_text() -> None:
    """Who reads an excerpt of a damaged recording is told, and no template can break the page."""
    broken = Notice("x", "Of {missing} *n*", details={})
    document = replace(EMPTY, notices=(*CALL.notices, broken))
    assert render(document, "txt").decode() == "[!] Got 12.0 s. Again.\n[!] Of {missing} *n*\n"
    assert "> Of {missing} \\*n\\*\n" in render(document, "md").decode()


def test_plain_text_is_a_line_per_utterance() -> None:
    """Time, name, text; a question mark where nobody knows who spoke."""
    assert render(CALL, "txt").decode().splitlines() == [
        "[!] Got 12.0 s. Again.",
        "[00:00:00] Анна Петрова: Добрый день, чем я могу помочь?",
        "[00:00:03] SPEAKER_01: Hello. Three apple trees & some <flowers>, please!",
        "[00:00:08] ?: (?) мм",
    ]
    assert render(TURNS_ONLY, "txt").decode() == "[00:00:00] SPEAKER_00\n[00:00:04] Boris\n"
    assert render(EMPTY, "txt") == b""


def test_markdown_shows_marks_as_text() -> None:
    """Neither a name nor a word becomes formatting, HTML or a list."""
    text = render(one_word("1. <b>*x*</b> [a](b)", "_Анна_"), "md").decode()
    assert "**\\_Анна\\_** `00:00:00`  \n1\\. \\<b\\>\\*x\\*\\</b\\> \\[a\\](b)\n" in text


@given(TRANSCRIPTS)
@settings(max_examples=40)
def test_plain_text_has_no_control_characters(document: Transcript) -> None:
    """A terminal that prints it is not steered by it."""
    text = render(document, "txt").decode() + render(document, "md").decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
