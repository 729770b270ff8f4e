"""Minutes with nothing in them yet but what the transcript and the options say of the meeting."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from stenograf._version import __version__
from stenograf.core.transcript import Transcript
from stenograf.export.plain import one_line
from stenograf.minutes.document import Minutes, MinutesMethod, MinutesOptions
from stenograf.minutes.reading import participants

_SUFFIX: Final = re.compile(r"(?<=.)\.(?=[a-z0-9]*[a-z])[a-z0-9]{2,5}$", re.IGNORECASE)


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
        title=one_line(options.title or "") or _named(recording.name),
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


def _named(recording: str) -> str:
    """What people call a recording: its name without the suffix of its format."""
    name = one_line(recording)
    return _SUFFIX.sub("", name)
