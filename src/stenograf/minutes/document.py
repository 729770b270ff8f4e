"""Minutes: what a meeting was about, what was decided, and who does what, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from stenograf.core.span import Span
from stenograf.core.transcript import Notice

FORMAT_VERSION: Final = 1
"""Version of stored minutes; raise it together with a migration in `minutes.json`."""

MinutesMethod: TypeAlias = Literal["extractive", "model"]
"""Sentences of the transcript itself, or sentences that a language model writes about it."""

MinutesBy: TypeAlias = Literal["auto", "extractive", "model"]
"""The method that is wanted; `auto` is by a language model where there is one, else extractive."""


@dataclass(frozen=True, slots=True)
class Source:
    """What was said, by whom and when: the words that something in the minutes rests on.

    `speaker` is the label of whoever said it, None where nobody knows.
    """

    span: Span
    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One point, decision or open question; there is at least one source, in order of time."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done: by whom and until when, as it was said; None where it was not."""

    text: str
    sources: tuple[Source, ...]
    assignee: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A part of the meeting about one thing, and the points that matter most in it."""

    title: str
    span: Span
    points: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who spoke: `label` as in sources, for how many seconds, and the share of all speech.

    `share` lies in [0, 1].
    """

    label: str
    role: str | None
    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class MinutesOptions:
    """How minutes are made.

    `title` heads them, the name of the recording without its suffix unless given. `date` is printed
    as it is given: a recording does not know its day. `max_points` bounds the points of each topic.
    """

    title: str | None = None
    date: str | None = None
    max_points: int = 5


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of one meeting.

    `recording` is its name and `duration` its length in seconds. `summary` is a paragraph that only
    a language model writes. Topics are in order of time and do not overlap; so are decisions,
    tasks and questions by their first source. `model` names the language model. `created_at` is
    ISO 8601 in UTC.
    """

    title: str
    recording: str
    duration: float
    method: MinutesMethod
    package_version: str
    created_at: str
    date: str | None = None
    language: str | None = None
    participants: tuple[Participant, ...] = ()
    summary: str | None = None
    topics: tuple[Topic, ...] = ()
    decisions: tuple[Item, ...] = ()
    tasks: tuple[Task, ...] = ()
    questions: tuple[Item, ...] = ()
    model: str | None = None
    notices: tuple[Notice, ...] = ()
    format_version: int = FORMAT_VERSION
