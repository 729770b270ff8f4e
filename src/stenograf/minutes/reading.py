"""A transcript as minutes read it: sentences with their speakers, and who took part."""

from __future__ import annotations

from dataclasses import dataclass

from stenograf.attribution import by_sentence, by_trust, utterances
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Transcript, join_words
from stenograf.export.plain import labels, one_line, spoken_turns
from stenograf.minutes.document import Participant, Source


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or all of an utterance without punctuation; `utterance` counts from 0."""

    source: Source
    utterance: int


def sentences(transcript: Transcript) -> list[Sentence]:
    """What was said, in order; what is suspect is left out: minutes state nothing invented."""
    names = labels(transcript)
    found = []
    parts = by_trust(utterances(transcript.words), transcript.suspects)
    for index, (said, suspect) in enumerate(parts):
        label = None if said.speaker is None else names[said.speaker]
        for words in () if suspect else by_sentence(said.words):
            span = Span(words[0].span.start, max(word.span.end for word in words))
            text = one_line(join_words(words))
            if text:
                found.append(Sentence(Source(span, label, text), index))
    return found


def participants(transcript: Transcript) -> tuple[Participant, ...]:
    """Who spoke, in order of first speech."""
    names = labels(transcript)
    roles = {speaker.id: speaker.role for speaker in transcript.speakers}
    turns = spoken_turns(transcript)
    seconds = {
        id: total_duration(turn.span for turn in turns if turn.speaker == id) for id in names
    }
    whole = sum(seconds.values())
    return tuple(
        Participant(label, roles.get(id), seconds[id], seconds[id] / whole if whole else 0.0)
        for id, label in names.items()
    )
