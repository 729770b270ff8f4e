"""What every format needs: clean text, unique names, whole milliseconds."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, TypeVar

from stenograf.attribution import by_trust, speakers_heard, utterances
from stenograf.core.span import Span
from stenograf.core.transcript import Transcript, Turn
from stenograf.messages import localize

Key = TypeVar("Key")

UNKNOWN: Final = "UNKNOWN"
"""What stands for a speaker nobody knows where a format demands a name."""

SUSPECT: Final = "(?)"
"""Stands before words that may be invented, wrong or missing."""

MISSING: Final = "…"
"""Stands for words that are probably missing."""

_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NONCHARACTERS: Final = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said without interruption; `text` is empty where only the turn is known.

    `suspect` says that the words may be invented, wrong or, where there are none, missing.
    """

    span: Span
    speaker: str | None
    text: str
    suspect: bool = False

    @property
    def marked(self) -> str:
        """The text, with a mark in front where it is suspect."""
        return f"{SUSPECT} {self.text}" if self.suspect else self.text


def lines(transcript: Transcript) -> list[Line]:
    """Utterances in order, cut where suspect parts begin and end; without words, the turns."""
    if not transcript.words:
        ordered = sorted(transcript.turns, key=lambda turn: (turn.span, turn.speaker))
        return [Line(turn.span, turn.speaker, "") for turn in ordered]
    parts = by_trust(utterances(transcript.words), transcript.suspects)
    found = [Line(u.span, u.speaker, one_line(u.text), suspect) for u, suspect in parts]
    said = [line for line in found if line.text]
    missing = [Line(span, None, MISSING, suspect=True) for span in _unsaid(transcript, said)]
    return sorted([*said, *missing], key=lambda line: line.span.start) if missing else said


def _unsaid(transcript: Transcript, said: Iterable[Line]) -> Iterator[Span]:
    """Suspect parts in which nothing is written."""
    written = sorted(line.span.start for line in said if line.suspect)
    for part in transcript.suspects:
        index = bisect_left(written, part.span.start)
        if index == len(written) or written[index] >= part.span.end:
            yield part.span


def spoken_turns(transcript: Transcript) -> list[Turn]:
    """The turns in order; of a document without turns, the utterances of known speakers."""
    turns: Iterable[Turn] = transcript.turns
    if not transcript.turns:
        spoken = ((u.span, u.speaker) for u in utterances(transcript.words))
        turns = [Turn(span, speaker) for span, speaker in spoken if speaker is not None]
    return sorted(turns, key=lambda turn: (turn.span, turn.speaker))


def remarks(transcript: Transcript) -> list[str]:
    """What a reader should know before trusting the text: the notices, in the user's language."""
    told = (" ".join(filter(None, localize(notice))) for notice in transcript.notices)
    return [line for line in map(one_line, told) if line]


def one_line(text: str) -> str:
    r"""Text without control characters, its white space single spaces.

    >>> one_line(" Anna\nMaria\x00 ")
    'Anna Maria'
    """
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text)
        text = _NONCHARACTERS.sub(" ", text)
    return " ".join(text.split())


def labels(transcript: Transcript) -> Mapping[str, str]:
    """What to print for each speaker id of the document: one line each, no two alike."""
    listed = {speaker.id: one_line(speaker.label) for speaker in transcript.speakers}
    for speaker in speakers_heard(transcript.words, transcript.turns):
        listed.setdefault(speaker.id, one_line(speaker.id))
    return unique({id: label or one_line(id) or "SPEAKER" for id, label in listed.items()})


def name_in(names: Mapping[str, str], speaker: str | None, *, unknown: str) -> str:
    """The label of a speaker, or `unknown` for nobody."""
    return unknown if speaker is None else names[speaker]


def unique(named: Mapping[Key, str], *, numbered: str = "{name} ({number})") -> dict[Key, str]:
    """The same names, with a number behind those that were taken.

    >>> unique({"a": "Anna", "b": "Anna"})
    {'a': 'Anna', 'b': 'Anna (2)'}
    """
    found: dict[Key, str] = {}
    taken: set[str] = set()
    for key, name in named.items():
        number, free = 1, name
        while free in taken:
            number += 1
            free = numbered.format(name=name, number=number)
        taken.add(free)
        found[key] = free
    return found


def field(text: str) -> str:
    """Text as one field of a file whose fields are separated by white space.

    >>> field("Anna Maria"), field(";; no comment"), field("")
    ('Anna_Maria', '_;;_no_comment', '_')
    """
    joined = "_".join(one_line(text).split())
    return f"_{joined}" if not joined or joined.startswith(";;") else joined


def recording_id(transcript: Transcript) -> str:
    """The recording's stem as a field."""
    return field(PurePath(one_line(transcript.recording.name)).stem)


def to_ms(seconds: float) -> int:
    """Whole milliseconds, the one place where times are rounded."""
    return round(seconds * 1000)


def seconds_text(milliseconds: int) -> str:
    """Seconds with three decimals.

    >>> seconds_text(1250)
    '1.250'
    """
    sign = "-" if milliseconds < 0 else ""
    whole, rest = divmod(abs(milliseconds), 1000)
    return f"{sign}{whole}.{rest:03d}"


def clock(seconds: float) -> str:
    """Time of the recording to the second, as people read it.

    >>> clock(3725.9)
    '01:02:05'
    """
    minutes, whole = divmod(max(0, to_ms(seconds)) // 1000, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{whole:02d}"


def encoded(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which has no UTF-8, becomes a question mark."""
    return text.encode("utf-8", "replace")
