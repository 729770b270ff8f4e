"""A table of utterances with tabs, for scripts; no quoting, since no cell holds a tab."""

from __future__ import annotations

from stenograf.core.transcript import Transcript
from stenograf.export.csv import rows
from stenograf.export.plain import encoded


def render(transcript: Transcript) -> bytes:
    """UTF-8 without byte order mark, one line per utterance, the columns of the csv format."""
    return encoded("".join("\t".join(row) + "\n" for row in rows(transcript)))
