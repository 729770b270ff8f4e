"""SubRip subtitles. The format has no norm and no escapes; players agree on this much."""

from __future__ import annotations

import re
from typing import Final

from stenograf.core.transcript import Transcript
from stenograf.export.cues import Cue, clipped, cues, timestamp
from stenograf.export.plain import encoded, labels

_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_OVERRIDE: Final = re.compile(r"\{(?=\\)")


def render(transcript: Transcript) -> bytes:
    """Cues in UTF-8; a speaker's name stands where the speaker changes."""
    names = labels(transcript)

    def prefix(speaker: str | None) -> str:
        return f"{clipped(names[speaker])}:" if speaker is not None else ""

    found = cues(transcript, prefix=prefix)
    return encoded("\n".join(_block(number, cue) for number, cue in enumerate(found, start=1)))


def _block(number: int, cue: Cue) -> str:
    start, end = timestamp(cue.start_ms, point=","), timestamp(cue.end_ms, point=",")
    text = "\n".join(_harmless(line.text) for line in cue.lines)
    return f"{number}\n{start} --> {end}\n{text}\n"


def _harmless(text: str) -> str:
    """Text that no player takes for a tag, an override or a time line."""
    text = _OVERRIDE.sub("(", _TAG.sub("‹", text))
    return text.replace("-->", "→")
