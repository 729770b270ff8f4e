"""What the library hands out; times are seconds since 1970 UTC, ids 32 hexadecimal digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from stenograf.core.span import Span
from stenograf.core.transcript import Transcript

Item = TypeVar("Item")

MadeBy: TypeAlias = Literal["job", "edit", "recluster"]
Scope: TypeAlias = Literal["transcribe", "read", "write", "admin"]

SCOPES: Final[dict[Scope, str]] = {
    "transcribe": "Bring recordings, have them transcribed, and get what comes of these.",
    "read": "See, hear, search and export what is in the library.",
    "write": "Change transcripts, speakers and voices; delete recordings; cancel and repeat jobs.",
    "admin": "Everything, also keys, webhooks and models.",
}
"""What a key may do, by the names of its scopes."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of many: `total` is how many there are without `limit` and `offset`."""

    items: Sequence[Item]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecording:
    """A recording in the library; `name` is what people call it, never a path."""

    id: str
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    duration_s: float | None
    blob: str
    key_id: str | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One line of a transcript's history; versions count from 1 within a recording."""

    id: str
    recording_id: str
    version: int
    made_by: MadeBy
    job_id: str | None
    note: str | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTranscript(Revision):
    """One version of a transcript; `document` is the JSON that `export` writes, in UTF-8."""

    document: bytes = field(repr=False)

    @property
    def transcript(self) -> Transcript:
        """The document, read and checked anew at each call; raises DocumentError."""
        from stenograf.export import read_json

        return read_json(self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMinutes:
    """Minutes of a recording, made from that version of its transcript.

    `document` is the JSON that `minutes` writes, in UTF-8; `model` names the language model.
    """

    id: str
    recording_id: str
    version: int
    document: bytes = field(repr=False)
    method: str
    model: str | None
    job_id: str | None
    key_id: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that holds what was searched for.

    `marks` are (start, end) places of the found words in `snippet`, in characters. `speaker` is
    the id in the document, `speaker_label` what to print.
    """

    recording_id: str
    recording_name: str
    version: int
    span: Span
    speaker: str | None
    speaker_label: str | None
    snippet: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The right to use the server; `prefix` is what a person recognizes its token by."""

    id: str
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: float
    last_used_at: float | None
    revoked_at: float | None

    def allows(self, scope: Scope) -> bool:
        """Whether the key is good for that; `admin` is good for everything."""
        return self.revoked_at is None and (scope in self.scopes or "admin" in self.scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A recording that arrives in parts; the next part begins at `received_bytes`."""

    id: str
    name: str
    content_type: str
    size_bytes: int
    received_bytes: int
    key_id: str | None
    created_at: float
    touched_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSource:
    """How somebody sounded once: a vector of length 1 in the space of an embedding model.

    It was taken from `seconds` of speech: of a speaker of a recording, who may be gone by now, of a
    clip, which was called `file_name`, or of a speaker of a transcript of that file.
    """

    id: str
    model: str
    vector: tuple[float, ...] = field(repr=False)
    seconds: float
    recording_id: str | None
    speaker: str | None
    file_name: str | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledVoice:
    """A person to be known again, by the sources of their voice, oldest first."""

    id: str
    name: str
    key_id: str | None
    created_at: float
    sources: tuple[VoiceSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed."""

    blobs: int = 0
    parts: int = 0
    uploads: int = 0
