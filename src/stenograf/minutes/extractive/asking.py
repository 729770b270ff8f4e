"""Which questions stay open: nobody answered, or only that they do not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stenograf.minutes.extractive.cues import cues_for
from stenograf.minutes.reading import Sentence

SOON_S: Final = 20.0
"""An answer begins within so many seconds..."""

ANSWER_WORDS: Final = 5
"""...and is this long, or says yes, no or a number."""

ROOM_S: Final = 2.0
"""Who goes on sooner than this left no room for an answer..."""

OWN_WORDS: Final = 12
"""...and says so many words answered the question himself, or never meant it."""

EVASIVE_WORDS: Final = 12
"""Who does not know says so at once; what he says later is about something else."""


def stays_open(sentences: Sequence[Sentence], place: int) -> bool:
    """Whether nobody answers the question at `place`; sentences in order of time."""
    asked = sentences[place]
    end = asked.source.span.end
    own, reply = "", ""
    for index in range(place + 1, len(sentences)):
        said = sentences[index]
        if said.source.span.start > end + SOON_S and not reply:
            break
        if _by_another(said, asked):
            reply = f"{reply} {said.source.text}".strip()
        elif reply:
            break
        elif said.source.span.start - sentences[index - 1].source.span.end < ROOM_S:
            own = f"{own} {said.source.text}"
            if _evades(own, asked.language):
                return True
            if len(own.split()) >= OWN_WORDS:
                return False
    return not _answers(reply, asked.language)


def _by_another(said: Sentence, asked: Sentence) -> bool:
    """Where nobody knows who speaks, each utterance may be somebody else's."""
    if said.source.speaker is None:
        return said.utterance != asked.utterance
    return said.source.speaker != asked.source.speaker


def _answers(reply: str, language: str | None) -> bool:
    if _evades(reply, language):
        return False
    cues = cues_for(reply, language)
    plain = cues is not None and cues.plain.search(reply) is not None
    return plain or len(reply.split()) >= ANSWER_WORDS


def _evades(text: str, language: str | None) -> bool:
    beginning = " ".join(text.split()[:EVASIVE_WORDS])
    cues = cues_for(beginning, language)
    return cues is not None and cues.evasive.search(beginning) is not None
