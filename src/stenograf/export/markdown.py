"""Markdown: a heading, notices as quotations, then a paragraph per utterance."""

from __future__ import annotations

import re
from typing import Final

from stenograf.core.transcript import Transcript
from stenograf.export.plain import clock, encoded, labels, lines, name_in, one_line, remarks

_MARKS: Final = re.compile(r"([\\`*_\[\]<>#|~&!$])")
_LIST_START: Final = re.compile(r"^(?:(\d+)([.)])|([-+=]))")


def render(transcript: Transcript) -> bytes:
    """UTF-8 text that shows what was said, whatever marks it contains."""
    names = labels(transcript)
    parts = [f"# {escaped(one_line(transcript.recording.name))}\n"]
    parts += [f"> {escaped(remark)}\n" for remark in remarks(transcript)]
    for line in lines(transcript):
        name = name_in(names, line.speaker, unknown="?") if names else ""
        heading = f"**{escaped(name)}** " if name else ""
        text = f"  \n{escaped(line.marked)}" if line.text else ""
        parts.append(f"{heading}`{clock(line.span.start)}`{text}\n")
    return encoded("\n".join(parts))


def escaped(text: str) -> str:
    r"""Text without a meaning in Markdown.

    >>> escaped("1. *a*")
    '1\\. \\*a\\*'
    """
    return _LIST_START.sub(_escaped_start, _MARKS.sub(r"\\\1", text))


def _escaped_start(match: re.Match[str]) -> str:
    number, point, sign = match.groups()
    return f"\\{sign}" if sign else f"{number}\\{point}"
