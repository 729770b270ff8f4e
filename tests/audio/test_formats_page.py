"""docs/formats.md names every answer of the audio room."""

from __future__ import annotations

from pathlib import Path

import pytest

from stenograf.audio.notices import NOTICE_KINDS
from stenograf.core.errors import AudioError, error_types
from stenograf.testing.bad_inputs import BAD_INPUTS
from stenograf.testing.media import FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
ERRORS = [kind.code for kind in error_types() if issubclass(kind, AudioError)][1:]


@pytest.mark.parametrize("code", [*ERRORS, *(kind.code for kind in NOTICE_KINDS)])
def test_each_answer_is_on_the_page(code: str) -> None:
    """Every error and notice of audio, with an example of what it means."""
    assert f"`{code}`" in PAGE.read_text(encoding="utf-8")


def test_each_tested_format_is_on_the_page() -> None:
    """What the tests decode is what the page promises."""
    page = PAGE.read_text(encoding="utf-8")
    assert [format.suffix for format in FORMATS if format.suffix not in page] == []


def test_the_page_counts_the_corpus() -> None:
    """The number of bad inputs is not a guess."""
    assert f"{len(BAD_INPUTS)} cases" in PAGE.read_text(encoding="utf-8")
