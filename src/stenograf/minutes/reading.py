"""A transcript as minutes read it: sentences with their speakers, and who took part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from stenograf.attribution import by_sentence, by_trust, utterances
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Transcript, Word, join_words
from stenograf.export.plain import labels, one_line, spoken_turns
from stenograf.minutes.document import Participant, Source

PAUSE_S: Final = 0.4
"""Where nobody writes full stops, a pause this long ends what was said..."""

ENOUGH_WORDS: Final = 8
"""...if this much of it was said."""

_PUNCTUATION: Final = tuple(".,;:!?…。，、！？؟،")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or, of an utterance without punctuation, what was said between two pauses.

    `utterance` counts from 0. `language` is that of its words, None where nobody knows.
    """

    source: Source
    utterance: int
    language: str | None = None


def sentences(transcript: Transcript) -> list[Sentence]:
    """What was said, in order; what is suspect is left out: minutes state nothing invented."""
    names = labels(transcript)
    found = []
    parts = by_trust(utterances(transcript.words), transcript.suspects)
    for index, (said, suspect) in enumerate(parts):
        label = None if said.speaker is None else names[said.speaker]
        for words in () if suspect else _sentences(said.words):
            span = Span(words[0].span.start, max(word.span.end for word in words))
            text = one_line(join_words(words))
            if text:
                language = _language(words) or transcript.language
                found.append(Sentence(Source(span, label, text), index, language))
    return found


def _sentences(words: Iterable[Word]) -> Iterator[list[Word]]:
    for sentence in by_sentence(words):
        if any(word.text.endswith(_PUNCTUATION) for word in sentence):
            yield sentence
        else:
            yield from _by_pause(sentence)


def _by_pause(words: Iterable[Word]) -> Iterator[list[Word]]:
    piece: list[Word] = []
    for word in words:
        paused = piece and word.span.start - piece[-1].span.end >= PAUSE_S
        if paused and len(piece) >= ENOUGH_WORDS and not word.joined:
            yield piece
            piece = []
        piece.append(word)
    if piece:
        yield piece


def _language(words: Iterable[Word]) -> str | None:
    """The language most of the words carry; None where none of them does."""
    spoken = Counter(word.language for word in words if word.language)
    return spoken.most_common(1)[0][0] if spoken else None


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
