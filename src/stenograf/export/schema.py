"""The stored document as data that nobody has checked yet, and its JSON Schema."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from stenograf.core.span import Span
from stenograf.core.transcript import (
    FORMAT_VERSION,
    ModelTask,
    ModelUse,
    Notice,
    Provenance,
    Recording,
    Speaker,
    Suspect,
    Transcript,
    Turn,
    Word,
)

MAX_WORDS: Final = 5_000_000
MAX_SPEAKERS: Final = 10_000

Seconds = Annotated[float, Field(ge=-1e9, le=1e9, description="Seconds from the start.")]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(max_length=10_000)]
Text = Annotated[str, Field(max_length=1_000_000)]
Id = Annotated[str, Field(max_length=10_000, description="`id` of one of the `speakers`.")]


class Part(BaseModel):
    """Strict about types, and about names so that a misspelt one is noticed."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class Timed(Part):
    """Something with a time on the recording's clock."""

    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _forwards(self) -> Timed:
        if self.end < self.start:
            raise ValueError("the end lies before the start")
        return self

    @property
    def span(self) -> Span:
        """The time as a value."""
        return Span(self.start, self.end)


class DocumentWord(Timed):
    """One written word; `joined` where no space separates it from the word before.

    `language` is there where the words of the recording were spoken in several languages.
    """

    text: Text
    speaker: Id | None
    probability: Share | None = None
    speaker_confidence: Share | None = None
    joined: bool = False
    language: Name | None = None


class DocumentTurn(Timed):
    """One speaker's time; turns of different speakers may overlap."""

    speaker: Id
    confidence: Share | None = None


class DocumentUtterance(Timed):
    """Consecutive words of one speaker, all or none of them suspect; follows from the words."""

    speaker: Id | None
    text: str
    suspect: bool = False
    language: Name | None = None


class DocumentSuspect(Timed):
    """A part whose words may be invented, wrong or missing; `reasons` names guards."""

    reasons: Annotated[list[Name], Field(min_length=1, max_length=100)]


class DocumentSpeaker(Part):
    """One voice: its id in words and turns, and what people call it."""

    id: Name
    name: Name | None = None
    role: Name | None = None


class DocumentNotice(Part):
    """What the reader should know; `message` and `hint` are templates over `details`."""

    code: Name
    message: Text
    hint: Text | None = None
    details: dict[str, JsonValue] = {}


class DocumentRecording(Part):
    """One source of sound; `duration` in seconds."""

    name: Name
    duration: Annotated[float, Field(ge=0, le=1e9)]
    n_channels: Annotated[int, Field(ge=0)] = 1
    format: Name | None = None
    size_bytes: Annotated[int, Field(ge=0)] | None = None
    sha256: Name | None = None


class DocumentModelUse(Part):
    """One model that took part."""

    task: ModelTask
    engine: Name
    model: Name
    sha256: Name | None = None
    reason: Text | None = None


class DocumentProvenance(Part):
    """How the document came to be; `timings` in seconds by stage, `total` for the whole run.

    `real_time_factor` is `total` for each second of the recording, written for readers.
    """

    package_version: Name
    created_at: Name
    models: Annotated[list[DocumentModelUse], Field(max_length=1000)] = []
    options: dict[str, JsonValue] = {}
    timings: dict[str, float] = {}
    real_time_factor: float | None = None
    language_votes: dict[str, Share] = {}


class Document(Part):
    """Who said what, when: a transcript stored by Stenograf."""

    format_version: Literal[3]
    recording: DocumentRecording
    language: Name | None = None
    language_probability: Share | None = None
    speakers: Annotated[list[DocumentSpeaker], Field(max_length=MAX_SPEAKERS)] = []
    text: Annotated[str, Field(description="All words; follows from `words`.")] = ""
    utterances: Annotated[list[DocumentUtterance], Field(max_length=MAX_WORDS)] = []
    words: Annotated[list[DocumentWord], Field(max_length=MAX_WORDS)] = []
    turns: Annotated[list[DocumentTurn], Field(max_length=MAX_WORDS)] = []
    suspects: Annotated[list[DocumentSuspect], Field(max_length=MAX_WORDS)] = []
    notices: Annotated[list[DocumentNotice], Field(max_length=10_000)] = []
    provenance: DocumentProvenance | None = None

    @field_validator("speakers")
    @classmethod
    def _distinct(cls, speakers: list[DocumentSpeaker]) -> list[DocumentSpeaker]:
        if len({speaker.id for speaker in speakers}) < len(speakers):
            raise ValueError("two speakers have the same id")
        return speakers

    def to_transcript(self) -> Transcript:
        """The checked data as the value that everything else reads."""
        return Transcript(
            recording=Recording(**dict(self.recording)),
            words=tuple(
                Word(
                    w.span,
                    w.text,
                    w.probability,
                    w.speaker,
                    w.speaker_confidence,
                    w.joined,
                    w.language,
                )
                for w in self.words
            ),
            turns=tuple(Turn(turn.span, turn.speaker, turn.confidence) for turn in self.turns),
            speakers=tuple(Speaker(**dict(speaker)) for speaker in self.speakers),
            language=self.language,
            language_probability=self.language_probability,
            notices=tuple(Notice(**dict(notice)) for notice in self.notices),
            provenance=_provenance(self.provenance) if self.provenance else None,
            suspects=tuple(Suspect(part.span, tuple(part.reasons)) for part in self.suspects),
        )


def json_schema() -> dict[str, Any]:
    """The published description of the document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stenograf:transcript:{FORMAT_VERSION}",
        **Document.model_json_schema(mode="validation"),
    }


def schema_text() -> str:
    """The schema as docs/schema holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _provenance(stored: DocumentProvenance) -> Provenance:
    return Provenance(
        package_version=stored.package_version,
        created_at=stored.created_at,
        models=tuple(ModelUse(**dict(use)) for use in stored.models),
        options=stored.options,
        timings=stored.timings,
        language_votes=stored.language_votes,
    )
