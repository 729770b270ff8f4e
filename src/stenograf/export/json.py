"""The document itself: versioned JSON, and the only format that can be read back."""

from __future__ import annotations

from typing import Any, Final

from stenograf.attribution import by_trust, utterances
from stenograf.core.transcript import FORMAT_VERSION, Transcript, Word
from stenograf.export.stored import invalid, parsed, plain, score, seconds, times, written

MAX_DOCUMENT_BYTES: Final = 512 * 1024 * 1024  # a day of speech is some 50 MB


def render(transcript: Transcript) -> bytes:
    """The document in UTF-8; times in seconds to the millisecond, scores to four decimals."""
    return written(asplain(transcript))


def asplain(transcript: Transcript) -> dict[str, Any]:
    """The document as the plain data that JSON holds.

    `utterances` and `text` follow from the words: they are for readers, and ignored when the
    document is read back.
    """
    recording = transcript.recording
    return {
        "format_version": FORMAT_VERSION,
        "recording": {
            "name": recording.name,
            "duration": seconds(recording.duration),
            "n_channels": recording.n_channels,
            "format": recording.format,
            "size_bytes": recording.size_bytes,
            "sha256": recording.sha256,
        },
        "language": transcript.language,
        "language_probability": score(transcript.language_probability),
        "speakers": [
            {"id": speaker.id, "name": speaker.name, "role": speaker.role}
            for speaker in transcript.speakers
        ],
        "text": transcript.text,
        "utterances": [
            {
                **times(u.span),
                "speaker": u.speaker,
                "text": u.text,
                "suspect": suspect,
                **_language(u.words[0]),
            }
            for u, suspect in by_trust(utterances(transcript.words), transcript.suspects)
        ],
        "words": [
            {
                **times(word.span),
                "text": word.text,
                "speaker": word.speaker,
                "probability": score(word.probability),
                "speaker_confidence": score(word.speaker_confidence),
                "joined": word.joined,
                **_language(word),
            }
            for word in transcript.words
        ],
        "turns": [
            {**times(turn.span), "speaker": turn.speaker, "confidence": score(turn.confidence)}
            for turn in transcript.turns
        ],
        "suspects": [
            {**times(part.span), "reasons": list(part.reasons)} for part in transcript.suspects
        ],
        "notices": [
            {"code": n.code, "message": n.message, "hint": n.hint, "details": plain(n.details)}
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

    document = parsed(data, known_version=FORMAT_VERSION, max_bytes=MAX_DOCUMENT_BYTES)
    try:
        return Document.model_validate(migrated(document)).to_transcript()
    except ValidationError as error:
        raise invalid(error) from error


def _language(word: Word) -> dict[str, str]:
    """The key only where words carry it: few recordings have several languages."""
    return {} if word.language is None else {"language": word.language}


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
        "options": plain(provenance.options),
        "timings": {stage: seconds(value) for stage, value in provenance.timings.items()},
        "real_time_factor": score(transcript.real_time_factor),
        "language_votes": {code: score(p) for code, p in provenance.language_votes.items()},
    }
