"""CTM: words with times, as sclite reads them (NIST SCTK)."""

from __future__ import annotations

from stenograf.core.transcript import Transcript
from stenograf.export.plain import encoded, field, one_line, recording_id, seconds_text, to_ms


def render(transcript: Transcript) -> bytes:
    """One line per word: recording, channel, start, duration, word, confidence if measured.

    Suspect parts come first, as comments: `;; suspect START END REASONS`.
    """
    recording = recording_id(transcript)
    rows = [
        f";; suspect {seconds_text(to_ms(part.span.start))} {seconds_text(to_ms(part.span.end))} "
        f"{','.join(part.reasons)}\n"
        for part in transcript.suspects
    ]
    for word in transcript.words:
        if not one_line(word.text):
            continue
        start, end = to_ms(word.span.start), to_ms(word.span.end)
        confidence = "" if word.probability is None else f" {word.probability:.4f}"
        rows.append(
            f"{recording} 1 {seconds_text(start)} {seconds_text(end - start)} "
            f"{field(word.text)}{confidence}\n"
        )
    return encoded("".join(rows))
