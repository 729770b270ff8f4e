"""What the work tells, gathered so that a queue is not flooded."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from stenograf.core.events import Event, NoticeRaised, Progress, WordsReady
from stenograf.core.transcript import Word
from stenograf.jobs.port import EventKind

Told: TypeAlias = tuple[EventKind, Mapping[str, Any]]
"""Kind and data of a JobEvent."""


@dataclass(slots=True)
class Gathering:
    """Events of any number of threads until somebody takes them.

    Of a stage's progress only the latest is kept, and only where it moved; words become one event.
    """

    _notices: list[Told] = field(default_factory=list)
    _words: list[Word] = field(default_factory=list)
    _progress: dict[str, Progress] = field(default_factory=dict)
    _told: dict[str, float] = field(default_factory=dict)  # fraction by stage, as last taken
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, event: Event) -> None:
        """Keep what an event says."""
        with self._lock:
            match event:
                case Progress(stage=stage):
                    self._progress.pop(stage, None)  # the latest stage comes last
                    self._progress[stage] = event
                case WordsReady(words=words):
                    self._words.extend(words)
                case NoticeRaised(notice=notice):
                    said = {"code": notice.code, "message": notice.text, "hint": notice.hint}
                    self._notices.append(("notice", said))

    def take(self) -> list[Told]:
        """All that was added since the last time."""
        with self._lock:
            told = list(self._notices)
            if self._words:
                told.append(("words", {"words": [_plain(word) for word in self._words]}))
            for stage, progress in self._progress.items():
                if self._told.get(stage) != progress.fraction:
                    told.append(("progress", {"stage": stage, "fraction": progress.fraction}))
                self._told[stage] = progress.fraction
            self._notices.clear()
            self._words.clear()
            self._progress.clear()
            return told


def _plain(word: Word) -> dict[str, Any]:
    return {
        "start": word.span.start,
        "end": word.span.end,
        "text": word.text,
        "probability": word.probability,
        "joined": word.joined,
    }
