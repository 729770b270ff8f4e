"""A table of utterances with commas, RFC 4180, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from stenograf.core.transcript import Transcript
from stenograf.export.plain import (
    SUSPECT,
    encoded,
    labels,
    lines,
    name_in,
    seconds_text,
    to_ms,
)

COLUMNS: Final = ("start", "end", "speaker", "text", "suspect")

_FORMULA_STARTS: Final = tuple("=+-@＝＋－＠")


def render(transcript: Transcript) -> bytes:
    """UTF-8 with a byte order mark: without it Excel on Windows shows no Russian."""
    table = io.StringIO(newline="")
    csv.writer(table).writerows(rows(transcript))
    return b"\xef\xbb\xbf" + encoded(table.getvalue())


def rows(transcript: Transcript) -> Iterator[tuple[str, ...]]:
    """The heading and one row per utterance; times in seconds, no speaker as an empty cell.

    The last cell is `(?)` where the words are suspect, else empty.
    """
    names = labels(transcript)
    yield COLUMNS
    for line in lines(transcript):
        yield (
            seconds_text(to_ms(line.span.start)),
            seconds_text(to_ms(line.span.end)),
            _harmless(name_in(names, line.speaker, unknown="")),
            _harmless(line.text),
            SUSPECT if line.suspect else "",
        )


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, "CSV Injection").

    >>> _harmless("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
