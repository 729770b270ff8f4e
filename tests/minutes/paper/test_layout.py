"""What stands on paper, in which order and in which language."""

from dataclasses import replace

import pytest

from stenograf.core.span import Span
from stenograf.minutes import Item, Minutes, Source, Task
from stenograf.minutes.paper.layout import (
    Entries,
    Entry,
    Facts,
    Heading,
    Paper,
    Remark,
    SmallPrint,
    Table,
    Text,
    laid_out,
)
from stenograf.testing.minutes import MEETING, SILENCE


@pytest.fixture
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Translations say which language they are in."""
    monkeypatch.setattr(
        "stenograf.minutes.paper.layout.translate", lambda text, lang=None: f"{lang}: {text}"
    )


def of_kind(paper: Paper, kind: type) -> list[object]:
    """The blocks of one kind."""
    return [block for block in paper.blocks if isinstance(block, kind)]


def tables(paper: Paper) -> list[Table]:
    """The tables, in order."""
    return [block for block in paper.blocks if isinstance(block, Table)]


def headings(minutes: Minutes) -> list[str]:
    """The headings in English."""
    return [block.text for block in laid_out(minutes, "en").blocks if isinstance(block, Heading)]


def test_sections_come_in_the_order_of_a_protocol() -> None:
    """Who, what in short, what was decided, what is to be done, then the rest."""
    assert headings(MEETING) == [
        "Participants",
        "Summary",
        "Decisions",
        "Tasks",
        "Open questions",
        "Topics",
        "00:00:00–00:30:00  Отгрузка",
        "00:30:00–01:03:20  Доставка",
        "About the recording",
    ]


def test_what_there_is_not_has_no_heading() -> None:
    """Minutes of silence say that there is nothing, and where they come from."""
    assert headings(SILENCE) == []
    paper = laid_out(SILENCE, "en")
    assert of_kind(paper, Text) == [Text("Nothing was found to write down.")]
    assert of_kind(paper, Facts) == [Facts((("Length", "00:00:00"), ("Recording", "silence.wav")))]


def test_each_item_says_who_said_it_and_when() -> None:
    """Where nobody knows the speaker, the time stands alone."""
    [decisions, questions, points] = of_kind(laid_out(MEETING, "en"), Entries)
    assert decisions == Entries(
        (Entry("Отгрузить 500 штук до пятницы.", "00:01:02, Анна Петрова"),), is_numbered=True
    )
    assert questions == Entries((Entry("Кто платит за доставку?", "01:02:05"),))
    assert points == Entries((Entry("Склад готов.", "00:00:20, Boris"),))


def test_tasks_are_a_table_of_what_who_and_until_when() -> None:
    """What was not said stays empty."""
    [_, tasks] = tables(laid_out(MEETING, "en"))
    assert tasks.header == ("No.", "Task", "Who", "Until when", "Where said")
    assert tasks.rows == (
        ("1", "Прислать накладные.", "Boris", "завтра", "00:01:10, Boris"),
        ("2", "Узнать цену доставки.", "", "", "00:01:02, Анна Петрова; 01:02:05"),
    )


def test_participants_have_role_time_and_share_of_speech() -> None:
    """The column of roles is left out where nobody has one."""
    [people, _] = tables(laid_out(MEETING, "en"))
    assert people.rows[0] == ("Анна Петрова", "Начальник отдела", "00:35:00", "70 %")
    nameless = replace(MEETING, participants=MEETING.participants[1:])
    [people, _] = tables(laid_out(nameless, "en"))
    assert people.header == ("Name", "Spoke for", "Share of speech")
    assert people.rows == (("Boris", "00:15:00", "30 %"),)
    assert len(people.widths) == 3


@pytest.mark.usefixtures("_marked")
@pytest.mark.parametrize(
    ("language", "asked", "spoken"),
    [("ru", None, "ru"), ("ru", "en", "en"), (None, None, "en"), ("de", None, "en")],
)
def test_headings_are_in_the_language_of_the_meeting(
    language: str | None, asked: str | None, spoken: str
) -> None:
    """Unless another is asked for; English where we have no translation."""
    paper = laid_out(replace(MEETING, language=language), asked)
    assert paper.kind == f"{spoken}: Minutes of a meeting"
    assert paper.blocks[1] == Heading(f"{spoken}: Participants")
    assert paper.language == spoken


def test_the_users_own_language_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes of an English meeting are English on a Russian machine."""
    monkeypatch.setenv("STENOGRAF_LANG", "ru")
    assert laid_out(replace(MEETING, language="en")).kind == "Minutes of a meeting"
    assert laid_out(SILENCE).kind == "Minutes of a meeting"


def test_a_draft_says_that_it_is_one() -> None:
    """Who wrote it, when, and that somebody has to check it."""
    [by_model] = of_kind(laid_out(MEETING, "en"), SmallPrint)
    assert by_model == SmallPrint(
        "A draft, written on 2026-11-21 by the language model qwen3:14b and Stenograf 0.1.0 from a "
        "transcript: check it against the recording."
    )
    [extracted] = of_kind(laid_out(SILENCE, "en"), SmallPrint)
    assert extracted == SmallPrint(
        "A draft, put together on 2026-11-21 by Stenograf 0.1.0 from sentences of the recording "
        "itself: check what is missing."
    )


def test_notices_are_told_in_the_language_of_the_minutes() -> None:
    """With their details filled in."""
    assert of_kind(laid_out(MEETING, "en"), Remark) == [Remark("Got 12.0 s. Again.")]


def test_no_text_breaks_a_line_and_empty_ones_are_left_out() -> None:
    """Numbers go on without a gap."""
    source = (Source(Span(0.0, 1.0), "A\nB", "x"),)
    minutes = replace(
        MEETING,
        title="a\nb\x00",
        date=" \n",
        decisions=(Item("\n", source), Item("one\ntwo", source)),
        tasks=(Task("\x00", source), Task("a\nb", source)),
    )
    paper = laid_out(minutes, "en")
    assert paper.title == "a b"
    assert of_kind(paper, Entries)[0] == Entries((Entry("one two", "00:00:00, A B"),), True)
    assert tables(paper)[1].rows == (("1", "a b", "", "", "00:00:00, A B"),)
    assert of_kind(paper, Facts)[0] == Facts(
        (("Length", "01:03:20"), ("Recording", "планёрка 1.mp3"))
    )


def test_minutes_without_a_title_are_headed_by_the_recording() -> None:
    """A title of spaces is none."""
    assert laid_out(replace(MEETING, title=" ")).title == "планёрка 1.mp3"
