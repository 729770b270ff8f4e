"""How a run is shown: bars for people, lines of JSON for programs, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from stenograf.cli.messages import notice_text
from stenograf.core.events import Event, Finished, NoticeRaised, Progress, Stage, WordsReady
from stenograf.pipeline import OnEvent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

STAGES: Final[dict[Stage, str]] = {
    "install": "Fetching the model",
    "decode": "Decoding",
    "detect": "Finding speech",
    "recognize": "Recognizing words",
    "diarize": "Telling speakers apart",
    "attribute": "Giving words to speakers",
    "export": "Writing",
}


@contextmanager
def shown(*, quiet: bool, json_events: bool) -> Iterator[Show]:
    """The way to show a run that the command line asked for; all of it goes to standard error."""
    if json_events:
        yield _JsonLines()
    elif quiet:
        yield Show()
    else:
        with _bars() as bars:
            yield _Bars(bars)


class Show:
    """Shows nothing; the others add to it."""

    def watch(self, name: str) -> OnEvent:
        """What to tell the events of the recording `name`."""
        return lambda event: self.show(name, event)

    def show(self, name: str, event: Event) -> None:
        """One event of one recording."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While results or errors are printed, nothing else writes to the terminal."""
        yield


class _JsonLines(Show):
    """One JSON object per line, each with the recording's name and the event's type."""

    def show(self, name: str, event: Event) -> None:
        line = {"type": event.type, "file": name} | event_fields(event)
        click.echo(json.dumps(line, ensure_ascii=False), err=True)


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
            for task in self.tasks.values():
                self.bars.remove_task(task)
            self.tasks.clear()

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.bars.stop()
        try:
            yield
        finally:
            self.bars.start()

    def _advance(self, name: str, event: Progress) -> None:
        key = (name, event.stage)
        if key not in self.tasks:
            label = f"{name}: {STAGES[event.stage]}"
            self.tasks[key] = self.bars.add_task(label, total=1.0)
        self.bars.update(self.tasks[key], completed=event.fraction)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
        transient=True,
    )


def event_fields(event: Event) -> dict[str, Any]:
    """What a line of `--json-events` says beside type and file; times in seconds.

    >>> event_fields(Progress("decode", 0.5))
    {'stage': 'decode', 'fraction': 0.5}
    """
    if isinstance(event, Finished):
        transcript = event.transcript
        return {
            "duration": transcript.recording.duration,
            "words": len(transcript.words),
            "speakers": len(transcript.speakers),
            "language": transcript.language,
        }
    if isinstance(event, NoticeRaised):
        return {"code": event.notice.code, "message": event.notice.text, "hint": event.notice.hint}
    if isinstance(event, WordsReady):
        return {
            "words": [
                {"start": word.span.start, "end": word.span.end, "text": word.text}
                for word in event.words
            ]
        }
    return asdict(event)
