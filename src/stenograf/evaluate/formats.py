"""Files with references and results, read into words, turns and spans.

Every reader gives one entry per recording named in the file; the NIST formats are described in
"The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan", appendix A, and in the
manual of sclite. Channels of one file are one recording. Lines starting with `;;` are comments.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from stenograf.core.errors import EvaluationError
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word

_HINT: Final = "See docs/evaluate.md for the fields of each format."
UNSCORED: Final = "ignore_time_segment_in_scoring"
"""The text that sclite and NIST put in an STM line whose time does not count."""


class _Line(NamedTuple):
    path: Path
    number: int
    fields: list[str]

    def place(self) -> dict[str, Any]:
        """The details of a complaint about this line."""
        found = " ".join(self.fields)[:80]
        return {"path": str(self.path), "line": self.number, "found": found}

    def require(self, n_fields: int) -> None:
        """Complain when there are fewer fields."""
        if len(self.fields) < n_fields:
            raise EvaluationError(
                '{path}, line {line}: fields are missing in "{found}".', hint=_HINT, **self.place()
            )

    def seconds(self, index: int) -> float:
        """The field as a time; complain when it is none."""
        try:
            value = float(self.fields[index])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise EvaluationError(
                '{path}, line {line}: a time is not a number in "{found}".',
                hint=_HINT,
                **self.place(),
            )
        return value

    def span(self, start: float, end: float) -> Span:
        """The time of this line; complain when it runs backwards."""
        if start > end:
            raise EvaluationError(
                '{path}, line {line}: the end lies before the start in "{found}".',
                hint=_HINT,
                **self.place(),
            )
        return Span(start, end)


def read_rttm(path: Path) -> dict[str, list[Turn]]:
    """Turns of the SPEAKER lines; other types are passed over."""
    turns: dict[str, list[Turn]] = {}
    for line in _lines(path):
        if line.fields[0] != "SPEAKER":
            continue
        line.require(8)
        start = line.seconds(3)
        span = line.span(start, start + line.seconds(4))
        turns.setdefault(line.fields[1], []).append(Turn(span, line.fields[7]))
    return turns


def read_uem(path: Path) -> dict[str, list[Span]]:
    """The time of each recording that counts."""
    spans: dict[str, list[Span]] = {}
    for line in _lines(path):
        line.require(4)
        span = line.span(line.seconds(2), line.seconds(3))
        spans.setdefault(line.fields[0], []).append(span)
    return spans


def read_ctm(path: Path) -> dict[str, list[Word]]:
    """Words with times and without speakers."""
    words: dict[str, list[Word]] = {}
    for line in _lines(path):
        line.require(5)
        start = line.seconds(2)
        span = line.span(start, start + line.seconds(3))
        words.setdefault(line.fields[0], []).append(Word(span, line.fields[4]))
    return words


def read_stm(path: Path) -> dict[str, list[Word]]:
    """Words with speakers; the words of a line share its time evenly, for their order only."""
    words: dict[str, list[Word]] = {}
    for line in _lines(path):
        line.require(5)
        span = line.span(line.seconds(3), line.seconds(4))
        said = line.fields[5:]
        if said and said[0].startswith("<") and said[0].endswith(">"):
            said = said[1:]  # the label field: <o,f0,male>
        recording = words.setdefault(line.fields[0], [])
        if [text.lower() for text in said] != [UNSCORED]:
            recording += _spread(said, span, speaker=line.fields[2])
    return words


def read_text(path: Path) -> str:
    """A whole file of UTF-8 text; EvaluationError when it cannot be read as such."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvaluationError(
            "{path} is not UTF-8 text: byte {position} does not fit.",
            hint="Save the file as UTF-8 and try again.",
            path=str(path),
            position=error.start,
        ) from error


def read_bytes(path: Path) -> bytes:
    """A whole file; EvaluationError when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise EvaluationError(
            "There is no file {path}.", hint="Check the path.", path=str(path)
        ) from error
    except OSError as error:
        raise EvaluationError(
            "{path} cannot be read: {reason}.",
            hint="Check that it is a file and that this user may read it.",
            path=str(path),
            reason=error.strerror,
        ) from error


def _lines(path: Path) -> Iterator[_Line]:
    for number, text in enumerate(read_text(path).splitlines(), start=1):
        fields = text.split()
        if fields and not fields[0].startswith(";;"):
            yield _Line(path, number, fields)


def _spread(texts: list[str], span: Span, *, speaker: str) -> Iterator[Word]:
    step = span.duration / max(1, len(texts))
    for index, text in enumerate(texts):
        start = span.start + index * step
        yield Word(Span(start, max(start, min(span.end, start + step))), text, speaker=speaker)
