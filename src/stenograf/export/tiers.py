"""Utterances and words as tiers: per speaker, in order, without overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from stenograf.attribution import utterances
from stenograf.core.span import Span
from stenograf.core.transcript import Transcript
from stenograf.export.plain import UNKNOWN, labels, one_line, to_ms, unique

DOUBTS: Final = "suspect"
"""Name of the tier that says where words may be invented, wrong or missing."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Text from `start_ms` to `end_ms`, at least a millisecond."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Intervals of one speaker, in order, not overlapping."""

    name: str
    speaker: str
    intervals: tuple[Interval, ...]


def tiers(transcript: Transcript) -> list[Tier]:
    """A tier of utterances and one of words per speaker, by number.

    Without words a tier holds the speaker's turns with the speaker's name as text. Where words
    are suspect, the last tier says so by the guards' names.
    """
    names: dict[str | None, str] = {}
    names.update(labels(transcript))
    said: dict[str | None, list[tuple[Span, str]]] = {id: [] for id in names}
    words: dict[str | None, list[tuple[Span, str]]] = {id: [] for id in names}
    for utterance in utterances(transcript.words):
        said.setdefault(utterance.speaker, []).append((utterance.span, utterance.text))
        spoken = words.setdefault(utterance.speaker, [])
        spoken += [(word.span, word.text) for word in utterance.words]
    if not transcript.words:
        for turn in transcript.turns:
            said[turn.speaker].append((turn.span, names[turn.speaker]))
    if None in said:
        names[None] = UNKNOWN
    titles = unique({(kind, id): names[id] + kind for id in said for kind in ("", " words")})
    found = []
    for id, items in said.items():
        found.append(Tier(titles["", id], names[id], laid_out(items)))
        if words.get(id):
            found.append(Tier(titles[" words", id], names[id], laid_out(words[id])))
    if transcript.suspects:
        title = unique({**titles, DOUBTS: DOUBTS})[DOUBTS]
        reasons = ((part.span, ", ".join(part.reasons)) for part in transcript.suspects)
        found.append(Tier(title, "", laid_out(reasons)))
    return found


def laid_out(items: Iterable[tuple[Span, str]]) -> tuple[Interval, ...]:
    """Intervals that touch at most.

    What begins before the one before has ended is cut to the rest of its time; what has no rest
    adds its text to the one before. No text is lost.
    """
    found: list[Interval] = []
    timed = [(to_ms(span.start), to_ms(span.end), one_line(text)) for span, text in items]
    for start, end, text in sorted(timed, key=itemgetter(0, 1)):
        if not text:
            continue
        last = found[-1] if found else None
        if last is not None and max(end, start + 1) <= last.end_ms:
            found[-1] = Interval(last.start_ms, last.end_ms, f"{last.text} {text}")
            continue
        first_ms = max(start, last.end_ms) if last is not None else start
        found.append(Interval(first_ms, max(end, first_ms + 1), text))
    return tuple(found)
