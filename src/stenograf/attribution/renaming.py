"""Speakers of a finished document: found again, named, or put together by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Final

import numpy as np

from stenograf.attribution.speakers import number_speakers
from stenograf.attribution.words import attribute_words
from stenograf.core.errors import OptionError
from stenograf.core.ports import Diarization
from stenograf.core.span import Span
from stenograf.core.transcript import (
    Notice,
    Provenance,
    Speaker,
    Transcript,
    Turn,
    Word,
    speaker_id,
)

MERGED: Final = Notice("speakers.merged", "Two speakers were merged by hand.")

_OUTDATED: Final = ("diarization.", "speakers.")  # begins of codes


def reclustered(
    transcript: Transcript, found: Diarization, asked: Mapping[str, int | None]
) -> Transcript:
    """The document with another diarization, and with the bounds `asked` for in its provenance.

    Words are attributed anew, names and roles carried over. What the notices said about the
    diarization before goes.
    """
    turns, speakers = number_speakers(found.turns)
    kept = (notice for notice in transcript.notices if not notice.code.startswith(_OUTDATED))
    again = Notice(
        "speakers.reclustered",
        "The speakers were told apart again; {n_speakers} were found.",
        details={"n_speakers": len(speakers), **asked},
    )
    return replace(
        transcript,
        turns=turns,
        words=tuple(attribute_words(transcript.words, turns)),
        speakers=carry_names(transcript, turns, speakers),
        notices=(*kept, *found.notices, again),
        provenance=_with_options(transcript.provenance, asked),
    )


def _with_options(
    provenance: Provenance | None, asked: Mapping[str, int | None]
) -> Provenance | None:
    if provenance is None:
        return None
    options = {key: value for key, value in provenance.options.items() if key not in asked}
    options |= {key: value for key, value in asked.items() if value is not None}
    return replace(provenance, options=options)


def carry_names(
    before: Transcript, turns: Sequence[Turn], speakers: Sequence[Speaker]
) -> tuple[Speaker, ...]:
    """Speakers with the names and roles of those before whose time they share most.

    One old speaker for one new one, so that the shared seconds are most in all (Hungarian
    assignment); who shares no time with the old one assigned stays nameless.
    """
    if all(speaker.name is None and speaker.role is None for speaker in before.speakers):
        return tuple(speakers)
    from scipy.optimize import linear_sum_assignment

    shared = np.zeros((len(before.speakers), len(speakers)))
    rows = {speaker.id: row for row, speaker in enumerate(before.speakers)}
    columns = {speaker.id: column for column, speaker in enumerate(speakers)}
    known_turns = sorted((turn for turn in before.turns if turn.speaker in rows), key=_start)
    for old, new, seconds in _shared_times(known_turns, turns):
        shared[rows[old], columns[new]] += seconds
    renamed = list(speakers)
    assigned = np.stack(linear_sum_assignment(shared, maximize=True), axis=1)  # (n_pairs, 2)
    for row, column in assigned.tolist():
        if shared[row, column] > 0:
            old_one = before.speakers[row]
            renamed[column] = replace(speakers[column], name=old_one.name, role=old_one.role)
    return tuple(renamed)


def rename_speaker(
    transcript: Transcript, speaker: str, *, name: str | None = None, role: str | None = None
) -> Transcript:
    """The document with a speaker, given by id or name, called otherwise.

    None leaves what is there, the empty text removes it. Raises OptionError for a speaker who is
    not there, or whose name several people bear.
    """
    found = find_speaker(transcript, speaker)
    renamed = replace(
        found,
        name=found.name if name is None else name or None,
        role=found.role if role is None else role or None,
    )
    return replace(
        transcript,
        speakers=tuple(renamed if each is found else each for each in transcript.speakers),
    )


def merge_speakers(transcript: Transcript, speaker: str, *, into: str) -> Transcript:
    """The document with two speakers made one, who keeps the name and role of `into` if any.

    Turns that now touch or overlap become one. Ids are numbered anew by first speech. Raises
    OptionError where the two are not two speakers of the document.
    """
    leaving, staying = find_speaker(transcript, speaker), find_speaker(transcript, into)
    if leaving.id == staying.id:
        raise OptionError("A speaker cannot be merged with themselves.")
    moved = [_moved(turn, leaving.id, staying.id) for turn in transcript.turns]
    others = [turn for turn in moved if turn.speaker != staying.id]
    joined = _joined([turn for turn in moved if turn.speaker == staying.id])
    merged = replace(staying, name=staying.name or leaving.name, role=staying.role or leaving.role)
    return renumbered(
        replace(
            transcript,
            turns=tuple(sorted([*others, *joined], key=_order)),
            words=tuple(
                replace(word, speaker=staying.id) if word.speaker == leaving.id else word
                for word in transcript.words
            ),
            speakers=tuple(
                merged if each is staying else each
                for each in transcript.speakers
                if each is not leaving
            ),
            notices=(*transcript.notices, MERGED),
        )
    )


def replace_turns(transcript: Transcript, speaker: str, turns: Sequence[Turn]) -> Transcript:
    """The document with one speaker's turns replaced by those of several, who share their words.

    The one who speaks longest keeps the name. Ids are numbered anew by first speech.
    """
    seconds: dict[str, float] = {}
    for turn in turns:
        seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + turn.span.duration
    ranked = sorted(seconds, key=lambda name: -seconds[name])
    ids = {name: f"{speaker}+{rank}" if rank else speaker for rank, name in enumerate(ranked)}
    own = [replace(turn, speaker=ids[turn.speaker]) for turn in turns]
    others = [turn for turn in transcript.turns if turn.speaker != speaker]
    attributed = attribute_words(transcript.words, own)
    return renumbered(
        replace(
            transcript,
            turns=tuple(sorted([*others, *own], key=_order)),
            words=tuple(
                _given(old, new) if old.speaker == speaker else old
                for old, new in zip(transcript.words, attributed, strict=True)
            ),
            speakers=(*transcript.speakers, *(Speaker(ids[name]) for name in ranked[1:])),
            notices=(*transcript.notices, _split_notice(len(ranked))),
        )
    )


def renumbered(transcript: Transcript) -> Transcript:
    """The document under ids by first turn, then by first word; who never speaks comes last."""
    ordered = sorted(transcript.turns, key=_order)
    heard = dict.fromkeys(turn.speaker for turn in ordered)
    heard |= dict.fromkeys(word.speaker for word in transcript.words if word.speaker is not None)
    heard |= dict.fromkeys(speaker.id for speaker in transcript.speakers)
    ids = {old: speaker_id(index) for index, old in enumerate(heard)}
    known = {speaker.id: speaker for speaker in transcript.speakers}
    return replace(
        transcript,
        turns=tuple(replace(turn, speaker=ids[turn.speaker]) for turn in ordered),
        words=tuple(
            word if word.speaker is None else replace(word, speaker=ids[word.speaker])
            for word in transcript.words
        ),
        speakers=tuple(replace(known.get(old, Speaker(old)), id=new) for old, new in ids.items()),
    )


def find_speaker(transcript: Transcript, speaker: str) -> Speaker:
    """The speaker of that id, else of that name; raises OptionError where nobody is meant."""
    if not transcript.speakers:
        raise OptionError(
            "This transcript names no speakers.", hint="Transcribe again without --no-diarize."
        )
    by_id = transcript.speaker(speaker)
    named = [each for each in transcript.speakers if each.name == speaker]
    if by_id is None and len(named) != 1:
        raise OptionError(
            "There is no one speaker {speaker}.",
            hint="Choose one of {known}.",
            speaker=speaker,
            known=", ".join(each.id for each in transcript.speakers),
        )
    return by_id or named[0]


def _shared_times(
    before: Sequence[Turn], after: Sequence[Turn]
) -> Iterator[tuple[str, str, float]]:
    """Old speaker, new speaker and seconds, for turns that overlap; both in order of start."""
    first = 0
    longest = max((turn.span.duration for turn in before), default=0.0)
    for new in after:
        while first < len(before) and before[first].span.start < new.span.start - longest:
            first += 1
        for old in before[first:]:
            if old.span.start >= new.span.end:
                break
            yield old.speaker, new.speaker, old.span.overlap(new.span)


def _start(turn: Turn) -> float:
    return turn.span.start


def _order(turn: Turn) -> tuple[Span, str]:
    return turn.span, turn.speaker


def _moved(turn: Turn, leaving: str, staying: str) -> Turn:
    return replace(turn, speaker=staying) if turn.speaker == leaving else turn


def _split_notice(n_parts: int) -> Notice:
    return Notice(
        "speakers.split", "One speaker was split into {parts}.", details={"parts": n_parts}
    )


def _given(old: Word, new: Word) -> Word:
    """A word given on to one of the speaker's parts; no surer than before that it was theirs."""
    if new.speaker is None:
        return old
    both = (old.speaker_confidence, new.speaker_confidence)
    return replace(new, speaker_confidence=min((c for c in both if c is not None), default=None))


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """One speaker's turns without overlap; confidence is the mean over the time of those joined."""
    joined: list[list[Turn]] = []
    end = -inf
    for turn in sorted(turns, key=_start):
        if turn.span.start <= end:
            joined[-1].append(turn)
        else:
            joined.append([turn])
        end = max(end, turn.span.end)
    return [_as_one(group) for group in joined]


def _as_one(turns: Sequence[Turn]) -> Turn:
    span = Span(turns[0].span.start, max(turn.span.end for turn in turns))
    return Turn(span, turns[0].speaker, _mean_confidence(turns))


def _mean_confidence(turns: Sequence[Turn]) -> float | None:
    if len(turns) == 1:
        return turns[0].confidence
    known = [(turn.confidence, turn.span.duration) for turn in turns if turn.confidence is not None]
    total = sum(duration for _, duration in known)
    return sum(sure * duration for sure, duration in known) / total if total > 0 else None
