"""Transcripts of made-up meetings, and language models that say what they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Suspect, Transcript
from stenograf.minutes import Prompt
from stenograf.testing.documents import spoken

PEOPLE: Final = (Speaker("SPEAKER_00", "Анна"), Speaker("SPEAKER_01", "Борис"))


def meeting(*said: str, language: str | None = "ru", suspects: Sequence[int] = ()) -> Transcript:
    """Lines said in turn by Анна and Борис, ten seconds apart; some of them suspect."""
    words = [
        word
        for number, text in enumerate(said)
        for word in spoken(text, speaker=PEOPLE[number % 2].id, start=10.0 * number, pace=0.03)
    ]
    return Transcript(
        Recording("планёрка.wav", 10.0 * len(said)),
        words=tuple(words),
        speakers=PEOPLE,
        language=language,
        suspects=tuple(Suspect(Span(10.0 * n, 10.0 * n + 9.0), ("voice",)) for n in suspects),
    )


class Scripted:
    """Answers in turn, the last one for good; an error is raised instead."""

    def __init__(self, *answers: Any, name: str = "scripted") -> None:
        self.name = name
        self.answers = list(answers)
        self.prompts: list[Prompt] = []

    def answer(self, prompt: Prompt, *, on_wait: Callable[[], object]) -> str:
        self.prompts.append(prompt)
        on_wait()
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, Exception):
            raise told
        return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


class Kept(dict[str, str]):
    """Answers in memory."""

    def find(self, name: str) -> str | None:
        return self.get(name)

    def keep(self, name: str, answer: str) -> None:
        self[name] = answer


def summary(text: str = "Итог.", *continues: Any) -> dict[str, Any]:
    return {"summary": text, "continues": list(continues)}


def topic(title: str, *points: tuple[str, Any]) -> dict[str, Any]:
    return {"title": title, "points": [{"text": text, "lines": lines} for text, lines in points]}
