"""How a run is shown: bars for people, lines of JSON for programs, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from stenograf.cli.exit_codes import exit_code
from stenograf.cli.messages import notice_text, print_error
from stenograf.core.errors import StenografError
from stenograf.core.events import (
    Event,
    Failed,
    Finished,
    NoticeRaised,
    Progress,
    Stage,
    WordsReady,
)
from stenograf.messages import later, localize, translate
from stenograf.pipeline import OnEvent
from stenograf.pipeline.monitoring import as_line, measures

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

FRACTION_DIGITS: Final = 2
"""A program that draws a bar needs no more than a line for each hundredth."""

LONGEST_BAR: Final = 40
BESIDE_LABEL: Final = LONGEST_BAR // 2 + 18
"""Columns of a usual terminal that bar, percentage and time left take."""

SHORTEST_NAME: Final = 8

STAGES: Final[dict[Stage, str]] = {
    "install": later("Fetching the model"),
    "decode": later("Decoding"),
    "detect": later("Finding speech"),
    "recognize": later("Recognizing words"),
    "align": later("Finding the times of words"),
    "diarize": later("Telling speakers apart"),
    "attribute": later("Giving words to speakers"),
    "export": later("Writing"),
    "minutes": later("Writing the minutes"),
}


@contextmanager
def shown(*, quiet: bool, json_events: bool) -> Iterator[Show]:
    """The way to show a run that the command line asked for; all of it goes to standard error.

    Bars are for terminals: in a log, only notices and errors are left of them.
    """
    if json_events:
        with _failing_in_json() as lines:
            yield lines
    elif quiet:
        yield Show()
    elif not sys.stderr.isatty():
        yield _Notices()
    else:
        with _bars() as bars:
            yield _Bars(bars)


@contextmanager
def _failing_in_json() -> Iterator[_JsonLines]:
    """What stops the whole call is a line of JSON too."""
    lines = _JsonLines()
    try:
        yield lines
    except StenografError as error:
        lines.failed("", error)
        raise click.exceptions.Exit(exit_code(error)) from error


class Show:
    """Shows errors; the others add to it."""

    def watch(self, name: str) -> OnEvent:
        """What to tell the events of the recording `name`."""
        return lambda event: self.show(name, event)

    def show(self, name: str, event: Event) -> None:
        """One event of one recording."""

    def failed(self, subject: str, error: StenografError) -> None:
        """One recording could not be worked on."""
        with self.paused():
            print_error(error, subject=subject)

    def sum_up(self, failed: Sequence[tuple[str, StenografError]], *, n_recordings: int) -> None:
        """Which of several recordings failed, at the end, where people look."""
        heading = translate("{n_failed} of {n_recordings} recordings failed:")
        with self.paused():
            click.echo(heading.format(n_failed=len(failed), n_recordings=n_recordings), err=True)
            for argument, failure in failed:
                click.echo(f"  {argument} ({failure.code})", err=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While results or errors are printed, nothing else writes to the terminal."""
        yield


def _monitored(event: Finished) -> str:
    """The one line of a recording that a log keeps."""
    return f"finished {as_line(measures(event.transcript))}"


class _Notices(Show):
    """A line for each notice and for each finished recording."""

    def show(self, name: str, event: Event) -> None:
        if isinstance(event, NoticeRaised):
            click.echo(f"{name}: {notice_text(event.notice)}", err=True)
        elif isinstance(event, Finished):
            click.echo(_monitored(event), err=True)


class _JsonLines(Show):
    """One JSON object per line, each with the recording's name and the event's type."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, Stage], float] = {}

    def show(self, name: str, event: Event) -> None:
        if isinstance(event, Progress):
            key, fraction = (name, event.stage), round(event.fraction, FRACTION_DIGITS)
            if self.shown.get(key) == fraction:
                return
            self.shown[key] = fraction
        line = {"type": event.type, "file": name} | event_fields(event)
        click.echo(json.dumps(line), err=True)  # ASCII: right in whatever encoding the pipe has

    def failed(self, subject: str, error: StenografError) -> None:
        message, hint = localize(error, "en")
        self.show(subject, Failed(error.code, message, hint))

    def sum_up(self, failed: Sequence[tuple[str, StenografError]], *, n_recordings: int) -> None:
        """Each failure had its line."""


class _Bars(Show):
    """A bar for every stage under way, with percentage and time left."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.tasks: dict[tuple[str, Stage], TaskID] = {}

    def show(self, name: str, event: Event) -> None:
        if isinstance(event, NoticeRaised):
            self.bars.console.print(f"{name}: {notice_text(event.notice)}", markup=False)
        elif isinstance(event, Progress):
            self._advance(name, event)
        elif isinstance(event, Finished):
            self._clear()
            self.bars.console.print(_monitored(event), markup=False, soft_wrap=True)

    def failed(self, subject: str, error: StenografError) -> None:
        self._clear()
        super().failed(subject, error)

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.bars.stop()
        try:
            yield
        finally:
            self.bars.start()

    def _clear(self) -> None:
        for task in self.tasks.values():
            self.bars.remove_task(task)
        self.tasks.clear()

    def _advance(self, name: str, event: Progress) -> None:
        key = (name, event.stage)
        if key not in self.tasks:
            stage = translate(STAGES[event.stage])
            room = max(SHORTEST_NAME, self.bars.console.width - len(stage) - BESIDE_LABEL)
            label = f"{shortened(name, room)}: {stage}"
            self.tasks[key] = self.bars.add_task(label, total=1.0)
        self.bars.update(self.tasks[key], completed=event.fraction)


def shortened(name: str, longest: int) -> str:
    """At most so many characters of a name, its beginning and its end.

    >>> shortened("Совещание отдела (копия).flac", 16), shortened("a.wav", 16)
    ('Совещание….flac', 'a.wav')
    """
    if len(name) <= longest:
        return name
    n_end = longest // 3
    return f"{name[: longest - n_end - 1].rstrip()}…{name[-n_end:]}"


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    return Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(min(LONGEST_BAR, console.width // 4)),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
        transient=True,
    )


def event_fields(event: Event) -> dict[str, Any]:
    """What a line of `--json-events` says beside type and file; times in seconds.

    >>> event_fields(Progress("decode", 0.5))
    {'stage': 'decode', 'fraction': 0.5}
    """
    if isinstance(event, Progress):
        return {"stage": event.stage, "fraction": round(event.fraction, FRACTION_DIGITS)}
    if isinstance(event, Finished):
        transcript = event.transcript
        measured = measures(transcript)
        return {"duration": transcript.recording.duration} | {
            name: value for name, value in measured.items() if name != "file"
        }
    if isinstance(event, NoticeRaised):
        return {"code": event.notice.code, "message": event.notice.text, "hint": event.notice.hint}
    if isinstance(event, WordsReady):
        return {
            "words": [
                {
                    "start": round(word.span.start, 3),
                    "end": round(word.span.end, 3),
                    "text": word.text,
                }
                for word in event.words
            ]
        }
    return asdict(event)
