"""Minutes as blocks on paper, in one language: what every format shows, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stenograf.core.span import Span
from stenograf.export.plain import clock, one_line
from stenograf.messages import ENGLISH, languages, localize, translate
from stenograf.minutes.document import Item, Minutes, Source, Task, Topic


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` is 2 for a section and 3 for a part of it."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to know at a glance: names with values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; `widths` of columns are parts of a whole of any size.

    `is_numbered` says that the first column numbers the rows.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list, and where in the recording it was said."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Entries:
    """A list, in order."""

    entries: tuple[Entry, ...]
    is_numbered: bool = False

    def marked(self) -> Iterator[tuple[str, Entry]]:
        """Each with its number or dash."""
        for number, entry in enumerate(self.entries, start=1):
            yield f"{number}." if self.is_numbered else "-", entry


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What the reader should know before trusting the rest."""

    text: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign on: what stands before each gap."""

    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SmallPrint:
    """How the minutes came to be."""

    text: str


Block: TypeAlias = Heading | Facts | Table | Entries | Text | Remark | Signature | SmallPrint


@dataclass(frozen=True, slots=True)
class Paper:
    """All of it; `language` is that of the headings, `kind` says what sort of document it is."""

    language: str
    title: str
    kind: str
    blocks: tuple[Block, ...]


def laid_out(minutes: Minutes, lang: str | None = None) -> Paper:
    """The minutes in `lang`, by default the language of the meeting, English where we lack it."""
    asked = lang or minutes.language or ENGLISH
    language = asked if asked in languages() else ENGLISH
    sections = (
        _facts(minutes, language),
        _participants(minutes, language),
        _summary(minutes, language),
        _listed(translate("Decisions", language), minutes.decisions, is_numbered=True),
        _tasks(minutes.tasks, language),
        _listed(translate("Open questions", language), minutes.questions),
        _topics(minutes.topics, language),
        _nothing(minutes, language),
        _remarks(minutes, language),
        _ending(minutes, language),
    )
    return Paper(
        language=language,
        title=one_line(minutes.title) or one_line(minutes.recording),
        kind=translate("Minutes of a meeting", language),
        blocks=tuple(block for section in sections for block in section),
    )


def _facts(minutes: Minutes, language: str) -> Iterator[Block]:
    rows = (
        (translate("Date", language), minutes.date or ""),
        (translate("Length", language), clock(minutes.duration)),
        (translate("Recording", language), minutes.recording),
    )
    yield Facts(tuple((name, one_line(value)) for name, value in rows if one_line(value)))


def _participants(minutes: Minutes, language: str) -> Iterator[Block]:
    if not minutes.participants:
        return
    share = translate("{percent} %", language)
    rows = [
        (
            one_line(one.label),
            one_line(one.role or ""),
            clock(one.seconds),
            share.format(percent=round(one.share * 100)),
        )
        for one in minutes.participants
    ]
    header = (
        translate("Name", language),
        translate("Role", language),
        translate("Spoke for", language),
        translate("Share of speech", language),
    )
    yield Heading(translate("Participants", language))
    yield _without_empty_columns(Table(header, tuple(rows), (8, 6, 4, 5)))


def _summary(minutes: Minutes, language: str) -> Iterator[Block]:
    if minutes.summary and one_line(minutes.summary):
        yield Heading(translate("Summary", language))
        yield Text(one_line(minutes.summary))


def _listed(title: str, items: Sequence[Item], *, is_numbered: bool = False) -> Iterator[Block]:
    if entries := _entries(items):
        yield Heading(title)
        yield Entries(entries, is_numbered)


def _entries(items: Iterable[Item]) -> tuple[Entry, ...]:
    entries = (Entry(one_line(item.text), _where(item.sources)) for item in items)
    return tuple(entry for entry in entries if entry.text)


def _tasks(tasks: Sequence[Task], language: str) -> Iterator[Block]:
    told = [task for task in tasks if one_line(task.text)]
    if not told:
        return
    header = (
        translate("No.", language),
        translate("Task", language),
        translate("Who", language),
        translate("Until when", language),
        translate("Where said", language),
    )
    rows = tuple(
        (
            str(number),
            one_line(task.text),
            one_line(task.assignee or ""),
            one_line(task.due or ""),
            _where(task.sources),
        )
        for number, task in enumerate(told, start=1)
    )
    yield Heading(translate("Tasks", language))
    yield Table(header, rows, (3, 15, 7, 7, 9), is_numbered=True)


def _topics(topics: Sequence[Topic], language: str) -> Iterator[Block]:
    if topics:
        yield Heading(translate("Topics", language))
    for topic in topics:
        title = one_line(topic.title)
        yield Heading(f"{_times(topic.span)}  {title}".rstrip(), level=3)
        if entries := _entries(topic.points):
            yield Entries(entries)


def _nothing(minutes: Minutes, language: str) -> Iterator[Block]:
    found = (minutes.summary, minutes.decisions, minutes.tasks, minutes.questions, minutes.topics)
    if not any(found):
        yield Text(translate("Nothing was found to write down.", language))


def _remarks(minutes: Minutes, language: str) -> Iterator[Block]:
    told = (one_line(" ".join(filter(None, localize(n, language)))) for n in minutes.notices)
    remarks = [Remark(text) for text in told if text]
    if remarks:
        yield Heading(translate("About the recording", language))
        yield from remarks


def _ending(minutes: Minutes, language: str) -> Iterator[Block]:
    yield Signature((translate("Checked by", language), translate("Date", language)))
    if minutes.method == "model":
        made = translate(
            "A draft, written on {day} by the language model {model} and Stenograf {version} from "
            "a transcript: check it against the recording.",
            language,
        )
    else:
        made = translate(
            "A draft, put together on {day} by Stenograf {version} from sentences of the recording "
            "itself: check what is missing.",
            language,
        )
    details = {
        "day": minutes.created_at[:10],
        "model": minutes.model or "?",
        "version": minutes.package_version,
    }
    yield SmallPrint(one_line(made.format_map(details)))


def _where(sources: Iterable[Source]) -> str:
    """Clock time and speaker of each source."""
    return "; ".join(
        ", ".join(filter(None, (clock(source.span.start), one_line(source.speaker or ""))))
        for source in sources
    )


def _times(span: Span) -> str:
    return f"{clock(span.start)}–{clock(span.end)}"


def _without_empty_columns(table: Table) -> Table:
    """The table without the columns in which no row says anything."""
    kept = [i for i in range(len(table.header)) if any(row[i] for row in table.rows)]
    return Table(
        tuple(table.header[i] for i in kept),
        tuple(tuple(row[i] for i in kept) for row in table.rows),
        tuple(table.widths[i] for i in kept),
        table.is_numbered,
    )
