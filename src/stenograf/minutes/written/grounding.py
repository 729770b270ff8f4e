"""What a language model says, held against the lines that it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from stenograf.export.plain import one_line
from stenograf.minutes.document import Item, Source, Task
from stenograf.minutes.written.lines import Line
from stenograf.minutes.written.replies import Assignment, Notes, Statement
from stenograf.stems import folded, stems, tokens

MAX_SOURCES: Final = 8
"""Of one statement; who cites everything cites nothing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A topic before its place is known; at least one point, the most important first."""

    title: str
    points: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one block of lines bears out; `n_unfounded` statements named none of its lines."""

    topics: tuple[Draft, ...] = ()
    decisions: tuple[Item, ...] = ()
    tasks: tuple[Task, ...] = ()
    questions: tuple[Item, ...] = ()
    n_unfounded: int = 0


def grounded(notes: Notes, block: Sequence[Line], *, people: Sequence[str]) -> Part:
    """The statements that cite lines of the block; the same statement counts once.

    `people` are the labels of participants.
    """
    ground = _Ground(block, people)
    drafts = [Draft(topic.title, ground.items(topic.points)) for topic in notes.topics]
    return Part(
        tuple(draft for draft in drafts if draft.title and draft.points),
        ground.items(notes.decisions),
        ground.tasks(notes.tasks),
        ground.items(notes.questions),
        ground.n_unfounded,
    )


class _Ground:
    """The lines of one block, and how many statements found no hold there."""

    def __init__(self, block: Sequence[Line], people: Sequence[str]) -> None:
        self._sources = {line.number: line.source for line in block}
        self._people = people
        self.n_unfounded = 0

    def items(self, statements: Iterable[Statement]) -> tuple[Item, ...]:
        """Statements with what they rest on."""
        founded = ((each.text, self._cited(each)) for each in statements if each.text)
        return tuple(dict.fromkeys(Item(text, cited) for text, cited in founded if cited))

    def tasks(self, assignments: Iterable[Assignment]) -> tuple[Task, ...]:
        """The same for tasks; whom and when nobody named is left open."""
        found: dict[Task, None] = {}
        for each in assignments:
            cited = self._cited(each) if each.text else ()
            if cited:
                said = [source.text for source in cited]
                assignee = _person(each.assignee, said, self._people)
                found[Task(each.text, cited, assignee, _quoted(each.due, said))] = None
        return tuple(found)

    def _cited(self, statement: Statement) -> tuple[Source, ...]:
        """The lines that it names, in order; none of them counts against the model."""
        numbers = sorted(number for number in statement.lines if number in self._sources)
        self.n_unfounded += not numbers
        return tuple(self._sources[number] for number in numbers[:MAX_SOURCES])


def _person(name: str | None, said: Iterable[str], people: Iterable[str]) -> str | None:
    """The label that it is, in any grammatical case, or a name whose words were said in a row.

    >>> _person("Анне", [], ["Анна", "Борис"]), _person("Пете", ["Петя возьмёт."], [])
    ('Анна', 'Пете')
    >>> _person("Eve", ["I will do it."], ["Anna"])
    """
    words = stems(name or "")
    if not words:
        return None
    exact = [label for label in people if folded(label) == folded(name or "")]
    alike = [label for label in people if stems(label) == words]
    for label in exact or (alike if len(alike) == 1 else []):
        return label
    return one_line(name or "") if any(_in_a_row(words, stems(text)) for text in said) else None


def _quoted(words: str | None, said: Iterable[str]) -> str | None:
    """Words that were said in a row, in whatever case of letters; else None.

    >>> _quoted("до Пятницы", ["Сделаю до пятницы."]), _quoted("Friday", ["Some day."])
    ('до Пятницы', None)
    """
    asked = _words(words or "")
    return words if asked and any(_in_a_row(asked, _words(text)) for text in said) else None


def _words(text: str) -> list[str]:
    return [folded(text[token.start : token.end]) for token in tokens(text)]


def _in_a_row(asked: Sequence[str], words: Sequence[str]) -> bool:
    ends = range(len(asked), len(words) + 1)
    return any(list(words[end - len(asked) : end]) == list(asked) for end in ends)
