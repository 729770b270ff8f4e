"""Turns as the port wants them, from whatever labels an engine has."""

from __future__ import annotations

from collections.abc import Iterable

from stenograf.core.span import Span
from stenograf.core.transcript import Turn, speaker_id


def numbered(turns: Iterable[Turn], duration: float) -> tuple[Turn, ...]:
    """Turns inside [0, duration] in order of start, speakers numbered by first speech.

    Turns that hold no time inside the recording are left out.

    >>> [t.speaker for t in numbered([Turn(Span(2, 3), "b"), Turn(Span(0, 9), "a")], 4.0)]
    ['SPEAKER_00', 'SPEAKER_01']
    """
    whole = Span(0.0, duration)
    inside = [Turn(turn.span.clamp(whole), turn.speaker, turn.confidence) for turn in turns]
    ordered = sorted(
        (t for t in inside if t.span.duration > 0.0), key=lambda t: (t.span, t.speaker)
    )
    names = {
        name: speaker_id(i) for i, name in enumerate(dict.fromkeys(t.speaker for t in ordered))
    }
    return tuple(Turn(turn.span, names[turn.speaker], turn.confidence) for turn in ordered)
