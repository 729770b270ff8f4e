"""Minutes in Markdown, read back as GitHub reads it."""

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from stenograf.core.span import Span
from stenograf.export.plain import one_line
from stenograf.minutes import Item, Minutes, Participant, Source, Task, Topic, render
from stenograf.testing.minutes import MEETING, MINUTES

READER = MarkdownIt("commonmark").enable("table")
BLOCKS = {
    "heading_open", "table_open", "tr_open", "ordered_list_open", "list_item_open", "hr",
    "fence", "code_block", "html_block", "blockquote_open", "paragraph_open",
}  # fmt: skip


def tokens(minutes: Minutes) -> list[Token]:
    """The rendered page as its reader sees it."""
    return READER.parse(render(minutes, "md", lang="en").decode())


def shape(minutes: Minutes) -> Counter[str]:
    """How many there are of each kind of block, and of what may stand inside one."""
    found = tokens(minutes)
    inline = [child.type for token in found for child in token.children or ()]
    kinds = [token.type for token in found if token.type in BLOCKS] + inline
    return Counter(kind for kind in kinds if kind not in {"text", "text_special"})


def texts(minutes: Minutes) -> set[str]:
    """The text of each block, without marks."""
    return {
        "".join(child.content for child in token.children or ())
        for token in tokens(minutes)
        if token.type == "inline"
    }


def neutral(minutes: Minutes) -> Minutes:
    """The same minutes with a harmless word in the place of each text that is not empty."""

    def word(text: str) -> str:
        return "x" if one_line(text) else ""

    def items(given: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(replace(item, text=word(item.text), sources=()) for item in given)

    return replace(
        minutes,
        title=word(minutes.title) or word(minutes.recording),
        recording=word(minutes.recording),
        date=word(minutes.date or ""),
        summary=word(minutes.summary or ""),
        model="x",
        decisions=items(minutes.decisions),
        questions=items(minutes.questions),
        tasks=tuple(Task(word(task.text), (), "x", "x") for task in minutes.tasks),
        topics=tuple(
            Topic(word(topic.title), topic.span, items(topic.points)) for topic in minutes.topics
        ),
        participants=tuple(
            Participant(word(one.label), word(one.role or ""), one.seconds, one.share)
            for one in minutes.participants
        ),
    )


@given(MINUTES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_said_has_a_meaning_in_markdown(minutes: Minutes) -> None:
    """Hostile text gives the same blocks as harmless text: none is of its own making."""
    assert shape(minutes) == shape(neutral(minutes))


def test_marks_are_shown_as_they_were_said() -> None:
    """Pipes in a table, numbers in front, HTML and links stay text."""
    hostile = "1. a | b `c` <script>alert(1)</script> [x](http://y) **z** \\| # end"
    source = (Source(Span(0.0, 1.0), hostile, "x"),)
    minutes = replace(
        MEETING,
        title=hostile,
        decisions=(Item(hostile, source),),
        tasks=(Task(hostile, source, hostile, hostile),),
    )
    found = texts(minutes)
    assert hostile in found
    assert f"{hostile} (00:00:00, {hostile})" in found
    assert f"00:00:00, {hostile}" in found


def test_tasks_are_a_table_and_decisions_are_numbered() -> None:
    """One header and a row for each task."""
    kinds = Counter(token.type for token in tokens(MEETING))
    assert kinds["table_open"] == 2
    assert kinds["tr_open"] == 1 + len(MEETING.participants) + 1 + len(MEETING.tasks)
    assert kinds["ordered_list_open"] == 1
