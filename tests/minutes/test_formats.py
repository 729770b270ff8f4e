"""Minutes in every format."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from tests.steps import steps

from stenograf.core.errors import OptionError
from stenograf.core.span import Span
from stenograf.export import FORMATS as TRANSCRIPT_FORMATS
from stenograf.minutes import Item, Minutes, Source, Task
from stenograf.minutes.formats import FORMATS, format_named, render
from stenograf.testing.minutes import MEETING, MINUTES, SILENCE

TEXTS = [name for name, known in FORMATS.items() if known.is_text]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("minutes", [MEETING, SILENCE])
def test_every_format_writes_full_and_empty_minutes(name: str, minutes: Minutes) -> None:
    """Each gives bytes, and text is UTF-8."""
    content = render(minutes, name)
    assert isinstance(content, bytes)
    if FORMATS[name].is_text:
        assert content.decode("utf-8").endswith("\n")


@given(MINUTES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_no_content_stops_a_text_format(minutes: Minutes) -> None:
    """Whatever was said and whatever people are called, every file is written."""
    for name in TEXTS:
        render(minutes, name).decode("utf-8")


def test_no_name_of_minutes_is_one_of_the_transcript() -> None:
    """`call.minutes.md` lies beside `call.md` and never in its place."""
    for name, known in FORMATS.items():
        assert known.suffix == f".minutes{TRANSCRIPT_FORMATS[name].suffix}"
        assert known.media_type == TRANSCRIPT_FORMATS[name].media_type


def test_an_unknown_format_names_the_known_ones() -> None:
    """The hint is a list to choose from."""
    with pytest.raises(OptionError) as caught:
        format_named("srt")
    assert str(caught.value) == "There is no format srt."
    assert caught.value.advice == "Choose one of md, txt, docx, json."


def long_meeting(n_items: int) -> Minutes:
    """Minutes with as many decisions, tasks and questions."""
    sources = (Source(Span(1.0, 2.0), "A", "Мы решили."),)
    items = (Item("Мы решили.", sources),) * n_items
    tasks = (Task("Прислать.", sources, "A"),) * n_items
    return replace(MEETING, decisions=items, questions=items, tasks=tasks)


@pytest.mark.parametrize("name", ["md", "txt", "docx"])
def test_the_work_grows_with_the_meeting_and_not_with_its_square(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times as many items take at most three times the steps, the template apart."""
    import docx

    blanks = [docx.Document(), docx.Document()]
    monkeypatch.setattr(docx, "Document", blanks.pop)
    render(SILENCE, "txt")  # translations are read once

    def work(n_items: int) -> int:
        return steps(lambda: render(long_meeting(n_items), name))

    assert work(24) < 3 * work(8)
