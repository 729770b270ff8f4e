"""Plain text: one line per utterance, `[00:01:02] Anna: ...`; notices first, `[!] ...`."""

from __future__ import annotations

from stenograf.core.transcript import Transcript
from stenograf.export.plain import clock, encoded, labels, lines, name_in, remarks


def render(transcript: Transcript) -> bytes:
    """Text in UTF-8; nothing at all when nobody spoke and there is nothing to say about it.

    An utterance of an unknown speaker says `?` where others have names; `(?)` stands before words
    that are suspect.
    """
    names = labels(transcript)
    rows = [f"[!] {remark}\n" for remark in remarks(transcript)]
    for line in lines(transcript):
        name = name_in(names, line.speaker, unknown="?") if names else ""
        said = f"{name}: {line.marked}" if name and line.text else name or line.marked
        rows.append(f"[{clock(line.span.start)}] {said}\n")
    return encoded("".join(rows))
