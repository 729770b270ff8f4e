"""Minutes with nothing in them yet but what the transcript and the options say of the meeting."""

from __future__ import annotations

from datetime import UTC, datetime

from stenograf._version import __version__
from stenograf.core.transcript import Transcript
from stenograf.export.plain import one_line
from stenograf.minutes.document import Minutes, MinutesMethod, MinutesOptions
from stenograf.minutes.reading import participants


def blank_minutes(
    transcript: Transcript,
    options: MinutesOptions,
    *,
    method: MinutesMethod,
    model: str | None = None,
) -> Minutes:
    """Title, day, who took part and how the minutes are made, now."""
    recording = transcript.recording
    return Minutes(
        title=one_line(options.title or "") or one_line(recording.name),
        recording=recording.name,
        duration=recording.duration,
        method=method,
        model=model,
        package_version=__version__,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        date=one_line(options.date or "") or None,
        language=transcript.language,
        participants=participants(transcript),
    )
