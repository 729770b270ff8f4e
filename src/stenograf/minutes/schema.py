"""Stored minutes as data that nobody has checked yet, and their JSON Schema."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from stenograf.core.transcript import Notice
from stenograf.export.schema import MAX_SPEAKERS, DocumentNotice, Name, Part, Share, Text, Timed
from stenograf.minutes.document import (
    FORMAT_VERSION,
    Item,
    Minutes,
    MinutesMethod,
    Participant,
    Source,
    Task,
    Topic,
)

MAX_ITEMS: Final = 100_000
MAX_SOURCES: Final = 10_000

Label = Annotated[str, Field(max_length=10_100, description="`label` of a participant.")]
"""A name of a transcript may get a number, so that no two are alike."""

Lasting = Annotated[float, Field(ge=0, le=2e9, description="Seconds.")]
"""As far as two times of a transcript can lie apart."""


class MinutesSource(Timed):
    """What was said, by whom and when; `speaker` is null where nobody knows."""

    speaker: Label | None
    text: Text

    def to_source(self) -> Source:
        """The checked data as a value."""
        return Source(self.span, self.speaker, self.text)


class MinutesItem(Part):
    """One point, decision or open question, and what it rests on."""

    text: Text
    sources: Annotated[list[MinutesSource], Field(min_length=1, max_length=MAX_SOURCES)]

    def to_item(self) -> Item:
        """The checked data as a value."""
        return Item(self.text, tuple(source.to_source() for source in self.sources))


class MinutesTask(MinutesItem):
    """Something to be done: by whom and until when, as it was said; null where it was not."""

    assignee: Name | None = None
    due: Name | None = None

    def to_task(self) -> Task:
        """The checked data as a value."""
        item = self.to_item()
        return Task(item.text, item.sources, self.assignee, self.due)


class MinutesTopic(Timed):
    """A part of the meeting about one thing, and the points that matter most in it."""

    title: Text
    points: Annotated[list[MinutesItem], Field(max_length=MAX_ITEMS)]

    def to_topic(self) -> Topic:
        """The checked data as a value."""
        return Topic(self.title, self.span, tuple(point.to_item() for point in self.points))


class MinutesParticipant(Part):
    """Somebody who spoke: for how many seconds, and the share of all speech, from 0 to 1."""

    label: Label
    role: Name | None = None
    seconds: Lasting
    share: Share


class MinutesDocument(Part):
    """What a meeting was about, what was decided, and who does what, as Stenograf stores it."""

    format_version: Literal[1]
    title: Name
    recording: Name
    date: Name | None = None
    duration: Lasting
    language: Name | None = None
    method: MinutesMethod
    model: Name | None = None
    package_version: Name
    created_at: Name
    participants: Annotated[list[MinutesParticipant], Field(max_length=MAX_SPEAKERS)]
    summary: Text | None = None
    decisions: Annotated[list[MinutesItem], Field(max_length=MAX_ITEMS)]
    tasks: Annotated[list[MinutesTask], Field(max_length=MAX_ITEMS)]
    questions: Annotated[list[MinutesItem], Field(max_length=MAX_ITEMS)]
    topics: Annotated[list[MinutesTopic], Field(max_length=MAX_ITEMS)]
    notices: Annotated[list[DocumentNotice], Field(max_length=10_000)]

    def to_minutes(self) -> Minutes:
        """The checked data as the value that everything else reads."""
        return Minutes(
            title=self.title,
            recording=self.recording,
            duration=self.duration,
            method=self.method,
            package_version=self.package_version,
            created_at=self.created_at,
            date=self.date,
            language=self.language,
            participants=tuple(Participant(**dict(one)) for one in self.participants),
            summary=self.summary,
            topics=tuple(topic.to_topic() for topic in self.topics),
            decisions=tuple(decision.to_item() for decision in self.decisions),
            tasks=tuple(task.to_task() for task in self.tasks),
            questions=tuple(question.to_item() for question in self.questions),
            model=self.model,
            notices=tuple(Notice(**dict(notice)) for notice in self.notices),
        )


def json_schema() -> dict[str, Any]:
    """The published description of stored minutes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stenograf:minutes:{FORMAT_VERSION}",
        **MinutesDocument.model_json_schema(mode="validation"),
    }


def schema_text() -> str:
    """The schema as docs/schema holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
