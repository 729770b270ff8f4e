"""A language model that writes minutes, made up: three questions, whose answers may be kept."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from stenograf.core.errors import StenografError
from stenograf.core.events import Progress
from stenograf.core.transcript import Transcript
from stenograf.minutes import Answers, Minutes, MinutesBy
from stenograf.minutes.notices import unfounded
from stenograf.pipeline import OnEvent

QUESTIONS: Final = ("part-0", "part-1", "whole")


@dataclass
class FakeScribe:
    """Makes minutes of anything; `asked` are the questions that no kept answer spared.

    `failures` are raised instead of an answer, by question. While `hold` is set it thinks about
    its second question.
    """

    failures: dict[str, StenografError] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    wanted: list[dict[str, Any]] = field(default_factory=list)

    def __call__(  # noqa: PLR0913
        self,
        transcript: Transcript,
        *,
        method: MinutesBy,
        title: str | None,
        date: str | None,
        max_points: int,
        on_event: OnEvent,
        answers: Answers,
    ) -> Minutes:
        """Minutes whose summary is what was answered; two statements are said to be left out."""
        self.wanted.append(
            {"method": method, "title": title, "date": date, "max_points": max_points}
        )
        said = []
        for n, name in enumerate(QUESTIONS):
            while n and self.hold.is_set():
                on_event(Progress("minutes", n / len(QUESTIONS)))
                time.sleep(0.01)
            said.append(answers.find(name) or self._answer(name, answers))
            on_event(Progress("minutes", (n + 1) / len(QUESTIONS)))
        return Minutes(
            title=title or transcript.recording.name,
            recording=transcript.recording.name,
            duration=transcript.recording.duration,
            method="extractive" if method == "extractive" else "model",
            package_version="0",
            created_at="2026-11-21T19:00:00Z",
            date=date,
            language=transcript.language,
            summary=" ".join(said),
            model=None if method == "extractive" else "notes",
            notices=(unfounded(2),),
        )

    def _answer(self, name: str, answers: Answers) -> str:
        self.asked.append(name)
        if name in self.failures:
            raise self.failures[name]
        answers.keep(name, f"Answer {name} \ud800.")
        return f"Answer {name} \ud800."
