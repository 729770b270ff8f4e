"""Subtitles as broadcasters expect them, before they are written in any format.

Limits follow the Netflix Timed Text Style Guide: two lines of 42 characters, 5/6 to 7 seconds on
screen, two frames between subtitles, 17 characters per second, 16 full-width characters per line
for Chinese and Korean. Words are never left out or moved before they are spoken, so people who
talk faster than 17 characters per second are read faster too; a subtitle stays longer where the
pause after it allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Final

from stenograf.attribution import by_trust, utterances
from stenograf.attribution.reading import ends_sentence
from stenograf.core.transcript import Transcript
from stenograf.export.plain import SUSPECT, to_ms
from stenograf.export.wrapping import MAX_LINE_UNITS, Atom, atoms_of, fitting, units, wrapped

MIN_DURATION_MS: Final = 834  # 5/6 s
MAX_DURATION_MS: Final = 7000
GAP_MS: Final = 84  # two frames at 24 per second
MAX_UNITS_PER_SECOND: Final = 17
MAX_PAUSE_S: Final = 1.5

_SENTENCE_BONUS: Final = 0.8
_CLAUSE_BONUS: Final = 0.3
_CLAUSE_ENDS: Final = tuple(",;:—–、，；：،")


@dataclass(frozen=True, slots=True)
class CueLine:
    """One line on the screen, and who says it."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """What is on the screen from `start_ms` to `end_ms`: one or two lines."""

    start_ms: int
    end_ms: int
    lines: tuple[CueLine, ...]

    def runs(self) -> Iterator[tuple[str | None, list[str]]]:
        """The lines grouped by speaker."""
        for speaker, group in groupby(self.lines, key=lambda line: line.speaker):
            yield speaker, [line.text for line in group]


Prefix = Callable[[str | None], str]
"""What stands before the first words of a speaker, without white space after it."""


def cues(transcript: Transcript, *, prefix: Prefix | None = None) -> list[Cue]:
    """Subtitles in order, never two at a time, each for at least 5/6 of a second."""
    return _spaced(_paired(_split(transcript, prefix)))


def _split(transcript: Transcript, prefix: Prefix | None) -> list[Cue]:
    """One cue after the other for each utterance, at the times of their words."""
    found: list[Cue] = []
    previous: str | None = None
    spoken = utterances(transcript.words, max_gap_s=MAX_PAUSE_S)
    for utterance, suspect in by_trust(spoken, transcript.suspects):
        atoms = atoms_of(utterance.words)
        if not atoms:
            continue
        if suspect:
            atoms = _led(SUSPECT, atoms)
        name = prefix(utterance.speaker) if prefix is not None else ""
        if name and utterance.speaker != previous:
            atoms = _led(name, atoms)
        previous = utterance.speaker
        while atoms:
            n_taken = _best_length(atoms)
            taken, atoms = atoms[:n_taken], atoms[n_taken:]
            found.append(_cue(utterance.speaker, taken))
    return sorted(found, key=lambda cue: (cue.start_ms, cue.end_ms))


def _led(text: str, atoms: Sequence[Atom]) -> list[Atom]:
    """The atoms with something in front that takes no time."""
    start = atoms[0].start
    return [Atom(text, start, start), replace(atoms[0], spaced=True), *atoms[1:]]


def _cue(speaker: str | None, atoms: Sequence[Atom]) -> Cue:
    shown = tuple(CueLine(speaker, text) for text in wrapped(atoms))
    return Cue(to_ms(atoms[0].start), to_ms(max(atom.end for atom in atoms)), shown)


def _best_length(atoms: Sequence[Atom]) -> int:
    """How many atoms to show at once: many, and ending where the speaker would pause."""
    limit_s = atoms[0].start + MAX_DURATION_MS / 1000
    in_time = takewhile(lambda atom: atom.end <= limit_s, atoms)
    longest = max(1, fitting(in_time))
    if longest == len(atoms):
        return longest

    def goodness(length: int) -> float:
        text = atoms[length - 1].text
        bonus = _CLAUSE_BONUS * text.endswith(_CLAUSE_ENDS)
        return length / longest + (_SENTENCE_BONUS if ends_sentence(text) else bonus)

    return max(range(max(1, longest // 3), longest + 1), key=goodness)


def _paired(found: Sequence[Cue]) -> list[Cue]:
    """Short remarks of two speakers in quick succession share a cue, one line each."""
    paired: list[Cue] = []
    for cue in found:
        last = paired[-1] if paired else None
        if last is not None and _share(last, cue):
            end_ms = max(last.end_ms, cue.end_ms)
            paired[-1] = Cue(last.start_ms, end_ms, last.lines + cue.lines)
        else:
            paired.append(cue)
    return paired


def _share(first: Cue, second: Cue) -> bool:
    if len(first.lines) != 1 or len(second.lines) != 1 or first.lines == second.lines:
        return False
    hurried = second.start_ms - first.start_ms < MIN_DURATION_MS + GAP_MS
    together_ms = max(first.end_ms, second.end_ms) - first.start_ms
    differ = first.lines[0].speaker != second.lines[0].speaker
    return differ and hurried and together_ms <= MAX_DURATION_MS


def _spaced(found: Sequence[Cue]) -> list[Cue]:
    """Cues moved apart: later where there is no room, longer where there is and it helps."""
    starts: list[int] = []
    for cue in found:
        free_ms = starts[-1] + MIN_DURATION_MS + GAP_MS if starts else 0
        starts.append(max(cue.start_ms, free_ms))
    spaced = []
    for index, (cue, start_ms) in enumerate(zip(found, starts, strict=True)):
        wanted_ms = max(MIN_DURATION_MS, cue.end_ms - start_ms, _reading_time_ms(cue))
        end_ms = start_ms + min(wanted_ms, MAX_DURATION_MS)
        if index + 1 < len(starts):
            end_ms = min(end_ms, starts[index + 1] - GAP_MS)
        spaced.append(replace(cue, start_ms=start_ms, end_ms=end_ms))
    return spaced


def _reading_time_ms(cue: Cue) -> int:
    n_units = sum(units(line.text) for line in cue.lines)
    return round(1000 * n_units / MAX_UNITS_PER_SECOND)


def clipped(name: str, limit: float = MAX_LINE_UNITS / 2) -> str:
    """A name that leaves room for words on its line."""
    if units(name) <= limit:
        return name
    while name and units(name) > limit - 1:
        name = name[:-1]
    return name.rstrip() + "…"


def timestamp(milliseconds: int, *, point: str) -> str:
    """Hours, minutes, seconds and milliseconds with `point` before the last.

    >>> timestamp(3_723_004, point=",")
    '01:02:03,004'
    """
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{point}{rest:03d}"
