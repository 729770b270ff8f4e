"""All formats by name."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from stenograf.core.errors import OptionError
from stenograf.core.transcript import Transcript
from stenograf.export import FORMATS, format_named, render
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY, WORDS_ONLY

FORMATS_PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("document", [CALL, EMPTY, TURNS_ONLY, WORDS_ONLY])
def test_every_format_writes_every_kind_of_document(name: str, document: Transcript) -> None:
    """No words, no turns, no speakers: each has a file, and text is UTF-8."""
    content = render(document, name)
    assert isinstance(content, bytes)
    if FORMATS[name].is_text:
        content.decode("utf-8")


@given(TRANSCRIPTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_no_content_stops_a_text_format(document: Transcript) -> None:
    """Whatever was said and whatever people are called, every file is written."""
    for known in FORMATS.values():
        if known.is_text:
            known.render(document).decode("utf-8")


@pytest.mark.parametrize("name", FORMATS.keys() - {"srt", "vtt", "ctm"})
def test_turns_alone_name_their_speakers(name: str) -> None:
    """A diarized recording without words still says who spoke."""
    if FORMATS[name].is_text:
        content = render(TURNS_ONLY, name).decode()
        assert "Boris" in content
        assert "SPEAKER" in content


def test_an_unknown_format_names_the_known_ones() -> None:
    """The hint is a list to choose from."""
    with pytest.raises(OptionError) as caught:
        format_named("pdf")
    assert str(caught.value) == "There is no format pdf."
    assert "srt" in caught.value.advice


def test_every_format_is_documented() -> None:
    """docs/formats.md has a row with name and suffix for each."""
    page = FORMATS_PAGE.read_text(encoding="utf-8")
    for known in FORMATS.values():
        assert f"| `{known.name}` | `{known.suffix}` |" in page
