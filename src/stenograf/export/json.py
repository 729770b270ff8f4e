"""The document itself: versioned JSON, and the only format that can be read back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from stenograf.attribution import by_trust, utterances
from stenograf.core.errors import DocumentInvalidError, DocumentTooNewError
from stenograf.core.span import Span
from stenograf.core.transcript import FORMAT_VERSION, Transcript, Word
from stenograf.export.plain import encoded, to_ms

if TYPE_CHECKING:
    from pydantic import ValidationError

MAX_DOCUMENT_BYTES: Final = 512 * 1024 * 1024  # a day of speech is some 50 MB
_MAX_DEPTH: Final = 32

_dumped: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def render(transcript: Transcript) -> bytes:
    """The document in UTF-8; times in seconds to the millisecond, scores to four decimals.

    One line per word, turn or other item: easy to compare, and json's fast encoder writes it, which
    knows no indentation.
    """
    members = (f" {_dumped(key)}: {_listed(value)}" for key, value in as_plain(transcript).items())
    return encoded("{\n" + ",\n".join(members) + "\n}\n")


def _listed(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dumped(value)
    return "[\n  " + ",\n  ".join(map(_dumped, value)) + "\n ]"


def as_plain(transcript: Transcript) -> dict[str, Any]:
    """The document as the plain data that JSON holds.

    `utterances` and `text` follow from the words: they are for readers, and ignored when the
    document is read back.
    """
    recording = transcript.recording
    return {
        "format_version": FORMAT_VERSION,
        "recording": {
            "name": recording.name,
            "duration": _seconds(recording.duration),
            "n_channels": recording.n_channels,
            "format": recording.format,
            "size_bytes": recording.size_bytes,
            "sha256": recording.sha256,
        },
        "language": transcript.language,
        "language_probability": _score(transcript.language_probability),
        "speakers": [
            {"id": speaker.id, "name": speaker.name, "role": speaker.role}
            for speaker in transcript.speakers
        ],
        "text": transcript.text,
        "utterances": [
            {
                **_times(u.span),
                "speaker": u.speaker,
                "text": u.text,
                "suspect": suspect,
                **_language(u.words[0]),
            }
            for u, suspect in by_trust(utterances(transcript.words), transcript.suspects)
        ],
        "words": [
            {
                **_times(word.span),
                "text": word.text,
                "speaker": word.speaker,
                "probability": _score(word.probability),
                "speaker_confidence": _score(word.speaker_confidence),
                "joined": word.joined,
                **_language(word),
            }
            for word in transcript.words
        ],
        "turns": [
            {**_times(turn.span), "speaker": turn.speaker, "confidence": _score(turn.confidence)}
            for turn in transcript.turns
        ],
        "suspects": [
            {**_times(part.span), "reasons": list(part.reasons)} for part in transcript.suspects
        ],
        "notices": [
            {"code": n.code, "message": n.message, "hint": n.hint, "details": _plain(n.details)}
            for n in transcript.notices
        ],
        "provenance": _provenance(transcript),
    }


def read_json(data: bytes) -> Transcript:
    """The document of any version up to this one.

    Raises DocumentInvalidError, naming the place, and DocumentTooNewError.
    """
    from pydantic import ValidationError

    from stenograf.export.migrations import migrated
    from stenograf.export.schema import Document

    try:
        return Document.model_validate(migrated(_parsed(data))).to_transcript()
    except ValidationError as error:
        raise _invalid(error) from error


def _parsed(data: bytes) -> dict[str, Any]:
    """The JSON object with a version this program knows."""
    from pydantic_core import from_json

    if len(data) > MAX_DOCUMENT_BYTES:
        raise DocumentInvalidError(
            "The document has {size} bytes; {limit} are allowed.",
            size=len(data),
            limit=MAX_DOCUMENT_BYTES,
        )
    try:
        document = from_json(data.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except ValueError as error:
        raise DocumentInvalidError("This is not JSON: {reason}.", reason=str(error)) from error
    if not isinstance(document, dict):
        raise DocumentInvalidError("The document is not a JSON object.")
    version = document.get("format_version")
    if type(version) is not int or version < 0:
        raise DocumentInvalidError("format_version: a whole number is missing here.")
    if version > FORMAT_VERSION:
        raise DocumentTooNewError(
            "The document has format version {found}; this program reads up to {known}.",
            found=version,
            known=FORMAT_VERSION,
        )
    return document


def _invalid(error: ValidationError) -> DocumentInvalidError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"])
    return DocumentInvalidError(
        "{place}: {reason}.", place=place.lstrip(".") or "document", reason=first["msg"]
    )


def _times(span: Span) -> dict[str, float]:
    return {"start": _seconds(span.start), "end": _seconds(span.end)}


def _language(word: Word) -> dict[str, str]:
    """The key only where words carry it: few recordings have several languages."""
    return {} if word.language is None else {"language": word.language}


def _seconds(seconds: float) -> float:
    return to_ms(seconds) / 1000


def _score(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _provenance(transcript: Transcript) -> dict[str, Any] | None:
    provenance = transcript.provenance
    if provenance is None:
        return None
    return {
        "package_version": provenance.package_version,
        "created_at": provenance.created_at,
        "models": [
            {
                "task": use.task,
                "engine": use.engine,
                "model": use.model,
                "sha256": use.sha256,
                "reason": use.reason,
            }
            for use in provenance.models
        ],
        "options": _plain(provenance.options),
        "timings": {stage: _seconds(value) for stage, value in provenance.timings.items()},
        "real_time_factor": _score(transcript.real_time_factor),
        "language_votes": {code: _score(p) for code, p in provenance.language_votes.items()},
    }


def _plain(value: Any, depth: int = 0) -> Any:
    """Anything as JSON can hold it; what JSON does not know becomes its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth < _MAX_DEPTH:
        if isinstance(value, Mapping):
            return {str(key): _plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [_plain(item, depth + 1) for item in value]
    return str(value)
