"""One line about one recording, for a log: what it was, what was found, what it took."""

from __future__ import annotations

from typing import TypeAlias

from stenograf.core.transcript import Transcript

Measures: TypeAlias = dict[str, str | int | float | None]


def measures(transcript: Transcript) -> Measures:
    """What a log wants to know, by stable names; seconds end in `_s`, None is unknown.

    `rtf` is the real-time factor: seconds of work for each second of sound.
    """
    recording, provenance = transcript.recording, transcript.provenance
    timings = dict(provenance.timings) if provenance else {}
    return {
        "file": recording.name,
        "at": provenance.created_at if provenance else None,
        "size_bytes": recording.size_bytes,
        "duration_s": round(recording.duration, 2),
        "language": transcript.language,
        "language_probability": _rounded(transcript.language_probability),
        "speakers": len(transcript.speakers),
        "words": len(transcript.words),
        "rtf": _rounded(transcript.real_time_factor),
        **{f"{stage}_s": round(seconds, 2) for stage, seconds in timings.items()},
    }


def as_line(measured: Measures) -> str:
    """`key=value` with spaces between, values with spaces or quotes in double quotes.

    >>> as_line({"file": "my call.mp3", "speakers": 2, "language": None, "rtf": 0.25})
    'file="my call.mp3" speakers=2 rtf=0.25'
    """
    return " ".join(
        f"{key}={_quoted(str(value))}" for key, value in measured.items() if value is not None
    )


def _quoted(value: str) -> str:
    """A value on one line, in quotes where it would not be read back without them."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in value)
    if shown and not any(c in ' "=\\' for c in shown):
        return shown
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
