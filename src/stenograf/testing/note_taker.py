"""A language model of a few rules: it reads numbered lines and cites them correctly.

It knows the prompts of `stenograf.minutes` by their lines, `12 [Anna] We will ship on Friday.`, and
by what they ask for. The same prompt gives the same answer.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

_LINE: Final = re.compile(r"^(\d+) \[(.*?)\] (.+)$", re.MULTILINE)
_DECISION: Final = re.compile(r"\b(?:decided|agreed|решили|договорились)\b", re.IGNORECASE)
_TASK: Final = re.compile(
    r"\b(?:I will|will you|please|сделай|сделаю|подготовь|подготовлю|нужно|пожалуйста)\b",
    re.IGNORECASE,
)
_DUE: Final = re.compile(
    r"\b(?:by|until|before|до|к)\s+([^\W\d_]+|\d+)(?=[.,!?;]|$)", re.IGNORECASE
)
_GOES_ON: Final = re.compile(r"\b(?:go on|continue|продолж\w*)\b", re.IGNORECASE)

TITLE_WORDS: Final = 6


class Line(NamedTuple):
    """One numbered line of a prompt."""

    number: int
    label: str
    text: str


def take_notes(instructions: str, text: str) -> str:
    """The answer as JSON: a summary where the instructions ask for one, else notes of the lines."""
    lines = [Line(int(n), label, said.strip()) for n, label, said in _LINE.findall(text)]
    notes = _summary(lines) if '"summary"' in instructions else _notes(lines)
    return json.dumps(notes, ensure_ascii=False)


def _notes(lines: list[Line]) -> dict[str, Any]:
    """One topic with a point for each plain statement; the rest by its words."""
    points, decisions, tasks, questions = [], [], [], []
    for line in lines:
        item: dict[str, Any] = {"text": line.text, "lines": [line.number]}
        if line.text.endswith("?"):
            questions.append(item)
        elif _DECISION.search(line.text):
            decisions.append(item)
        elif _TASK.search(line.text):
            due = _DUE.search(line.text)
            tasks.append(item | {"assignee": line.label, "due": due[1] if due else None})
        else:
            points.append(item)
    title = " ".join(lines[0].text.split()[:TITLE_WORDS]).rstrip(".,!?") if lines else ""
    topics = [{"title": title, "points": points}] if points else []
    return {"topics": topics, "decisions": decisions, "tasks": tasks, "questions": questions}


def _summary(lines: list[Line]) -> dict[str, Any]:
    """The labels in order; a topic whose first line says that it goes on does go on."""
    labels = dict.fromkeys(line.label for line in lines)
    firsts = {line.number: line.text for line in reversed(lines)}
    goes_on = sorted(number for number, said in firsts.items() if _GOES_ON.search(said))
    return {"summary": f"{'; '.join(labels)}.", "continues": goes_on}
