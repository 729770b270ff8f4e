"""Suspect parts in the files that people read."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import docx
import pytest

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Suspect, Transcript
from stenograf.export import FORMATS, render
from stenograf.export.tiers import tiers
from stenograf.testing.documents import spoken

DOCUMENT = Transcript(
    Recording("a.wav", 60.0),
    words=(
        *spoken("Good morning everybody.", speaker="SPEAKER_00", start=1.0),
        *spoken("Thanks for watching!", speaker="SPEAKER_00", start=2.0),
        *spoken("Good bye.", speaker="SPEAKER_00", start=30.0),
    ),
    speakers=(Speaker("SPEAKER_00", "Ann"),),
    suspects=(
        Suspect(Span(2.0, 4.0), ("phrase",)),
        Suspect(Span(10.0, 22.0), ("coverage",)),
    ),
)


def test_text_marks_suspect_words_and_where_words_are_missing() -> None:
    """The good words of the same utterance bear no mark."""
    assert render(DOCUMENT, "txt").decode().splitlines() == [
        "[00:00:01] Ann: Good morning everybody.",
        "[00:00:02] Ann: (?) Thanks for watching!",
        "[00:00:10] ?: (?) …",
        "[00:00:30] Ann: Good bye.",
    ]


@pytest.mark.parametrize("name", ["srt", "vtt", "md"])
def test_suspect_words_are_marked_once(name: str) -> None:
    """A reader of subtitles or Markdown sees what to check, and nothing else changes."""
    text = render(DOCUMENT, name).decode()
    assert "(?) Thanks for watching" in text
    assert text.count("(?)") - text.count("(?) …") == 1


def test_a_word_document_marks_them_too() -> None:
    """The mark stands between name and words."""
    document = docx.Document(io.BytesIO(render(DOCUMENT, "docx")))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert "00:00:02  Ann: (?) Thanks for watching!" in paragraphs


def test_json_says_which_parts_and_why() -> None:
    """Programs read times and reasons, and each utterance says whether it is suspect."""
    document = json.loads(render(DOCUMENT, "json"))
    assert document["suspects"][0] == {"start": 2.0, "end": 4.0, "reasons": ["phrase"]}
    assert [part["suspect"] for part in document["utterances"]] == [False, True, False]


@pytest.mark.parametrize(("name", "between"), [("csv", ","), ("tsv", "\t")])
def test_tables_have_a_column_for_the_mark(name: str, between: str) -> None:
    """The text stays as it was said; a filter on the last column finds what to check."""
    rows = [row.split(between) for row in render(DOCUMENT, name).decode("utf-8-sig").splitlines()]
    assert [row[-2:] for row in rows] == [
        ["text", "suspect"],
        ["Good morning everybody.", ""],
        ["Thanks for watching!", "(?)"],
        ["…", "(?)"],
        ["Good bye.", ""],
    ]


def test_a_speaker_called_like_the_tier_of_doubts_keeps_a_tier() -> None:
    """Names are free; the tier of doubts is the last one and numbered."""
    document = replace(DOCUMENT, speakers=(Speaker("SPEAKER_00", "suspect"),))
    assert [tier.name for tier in tiers(document)] == ["suspect", "suspect words", "suspect (2)"]


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if known.is_text])
def test_no_format_loses_suspect_words(name: str) -> None:
    """Marking is not dropping."""
    if name != "rttm":  # turns, no words
        assert "watching" in render(DOCUMENT, name).decode()
