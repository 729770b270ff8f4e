"""RTTM: speaker turns, NIST "The 2009 (RT-09) Rich Transcription Evaluation Plan", appendix A."""

from __future__ import annotations

from stenograf.core.transcript import Transcript
from stenograf.export.plain import (
    encoded,
    field,
    labels,
    recording_id,
    seconds_text,
    spoken_turns,
    to_ms,
    unique,
)


def render(transcript: Transcript) -> bytes:
    """One SPEAKER line per turn; overlap stays, turns shorter than half a millisecond go."""
    recording = recording_id(transcript)
    fields = {id: field(label) for id, label in labels(transcript).items()}
    names = unique(fields, numbered="{name}_{number}")
    rows = []
    for turn in spoken_turns(transcript):
        start, end = to_ms(turn.span.start), to_ms(turn.span.end)
        if start < end:
            confidence = "<NA>" if turn.confidence is None else f"{turn.confidence:.4f}"
            rows.append(
                f"SPEAKER {recording} 1 {seconds_text(start)} {seconds_text(end - start)} "
                f"<NA> <NA> {names[turn.speaker]} {confidence} <NA>\n"
            )
    return encoded("".join(rows))
