"""What one sentence is: a decision, a task, a question, or none of them.

One sentence is one thing. A request is a task, also as a question; any other question is a question
alone. A task that somebody has is a task, also where it was decided; then comes a decision, then
what has to be done by nobody in particular. Only what is nothing of these may be a point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from stenograf.minutes.extractive.cues import NAME, Cues, cues_for
from stenograf.minutes.extractive.naming import Masked, masked
from stenograf.minutes.reading import Sentence

Kind: TypeAlias = Literal["decision", "task", "question"]

SHORTEST: Final = 3  # words, besides those that only open it, of all but decisions and promises
LONGEST_BARE_QUESTION: Final = 15  # words: without punctuation, more is hardly one question
VOIDING_LETTERS: Final = 100  # before a cue: what is farther away says nothing about it
VOIDING_WORDS: Final = 5  # before a decision in its clause; what is farther away is something else
LONGEST_SMALL: Final = 10  # words: what is longer is no small talk

_CLOSING: Final = " \"'»”’)]}」』"
_PUNCTUATION: Final = re.compile(r"[.,;:!?…]")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a sentence is, and the letter of its text where that is said.

    `declared` says that a question was called open in so many words, `brief` that a promise is a
    single word.
    """

    kind: Kind
    at: int
    assignee: str | None = None
    due: str | None = None
    declared: bool = False
    brief: bool = False


def judge(sentence: Sentence, names: Mapping[str, str | None]) -> Finding | None:
    """What the sentence is by the cues of its language; `names` as `naming.names` gives them."""
    source = sentence.source
    cues = cues_for(source.text, sentence.language)
    if cues is None:
        return None
    said = masked(source.text, names)
    n_words = len(said.text[_opening(cues, said.text) :].split())
    if n_words < SHORTEST:
        return _decision(cues, said) or _short(cues, said, source.speaker, n_words)
    asked = is_question(said.text, cues)
    found = _request(cues, said) or _question(cues, said, asked=asked)
    if found is None and not asked:
        found = (
            _assigned(cues, said, source.speaker) or _decision(cues, said) or _needed(cues, said)
        )
    return found


def _short(cues: Cues, said: Masked, speaker: str | None, n_words: int) -> Finding | None:
    """A promise of a word or two, or a request of two, politeness aside."""
    promise = _promise(cues, said, speaker)
    if promise:
        return replace(promise, brief=n_words == 1)
    last = said.text.rstrip(_CLOSING + ".!?").split(" ")[-1]
    polite = cues.lead.fullmatch(last) is not None
    return None if n_words == 1 or polite else _request(cues, said)


def is_question(text: str, cues: Cues) -> bool:
    """Whether a text asks; without any punctuation, whether it begins as questions do.

    "I'll send it tomorrow, okay?" says more than it asks.
    """
    if text.rstrip(_CLOSING).endswith(("?", "？")):
        return cues.tag.search(text) is None
    bare = not _PUNCTUATION.search(text) and len(text.split()) <= LONGEST_BARE_QUESTION
    return bare and cues.starts_question.match(text, _opening(cues, text)) is not None


def _request(cues: Cues, said: Masked) -> Finding | None:
    called = _called(cues, said)
    if called is None and _is_small(cues, said.text):
        return None
    for pattern in (cues.requested, cues.told) if called else (cues.requested,):
        for match in _unconditional(pattern, cues, said.text):
            return Finding("task", match.start(), _label(said, called), _due(cues, said.text))
    start, due = _opening(cues, said.text), _due(cues, said.text)
    ordered = due is not None and cues.ordered.match(said.text, start)
    return Finding("task", start, _label(said, called), due) if ordered else None


def _question(cues: Cues, said: Masked, *, asked: bool) -> Finding | None:
    declared = cues.open.search(said.text)
    if declared:
        return Finding("question", declared.start(), declared=True)
    return Finding("question", 0) if asked and not _is_small(cues, said.text) else None


def _is_small(cues: Cues, text: str) -> bool:
    return len(text.split()) <= LONGEST_SMALL and cues.small.search(text) is not None


def _assigned(cues: Cues, said: Masked, speaker: str | None) -> Finding | None:
    due = _due(cues, said.text)
    for match in _matches("named", cues, said.text, due):
        return Finding("task", match.start(), _label(said, match), due)
    return _promise(cues, said, speaker)


def _promise(cues: Cues, said: Masked, speaker: str | None) -> Finding | None:
    due = _due(cues, said.text)
    match = next(_matches("promised", cues, said.text, due), None)
    return match and Finding("task", match.start(), speaker, due)


def _needed(cues: Cues, said: Masked) -> Finding | None:
    due = _due(cues, said.text)
    match = next(_matches("needed", cues, said.text, due), None)
    return match and Finding("task", match.start(), _label(said, _called(cues, said)), due)


def _decision(cues: Cues, said: Masked) -> Finding | None:
    if cues.narrated.search(said.text):
        return None
    for match in cues.decided.finditer(said.text):
        clause = _PUNCTUATION.split(_before(match))[-1]
        if not cues.undecided.search(" ".join(clause.split()[-VOIDING_WORDS:])):
            return Finding("decision", match.start())
    return None


def _matches(kind: str, cues: Cues, text: str, due: str | None) -> Iterator[re.Match[str]]:
    """Where the sentence says it: with a verb of work, or with any verb and a date."""
    firm: re.Pattern[str] = getattr(cues, kind)
    yield from _unconditional(firm, cues, text)
    for match in _unconditional(cues.loose[kind], cues, text) if due else ():
        if not cues.idle.fullmatch(match.group().split()[-1]):
            yield match


def _unconditional(pattern: re.Pattern[str], cues: Cues, text: str) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text):
        if not cues.conditional.search(_before(match)):
            yield match


def _before(match: re.Match[str]) -> str:
    """What stands before it, as far as it can mean anything for it."""
    return match.string[max(0, match.start() - VOIDING_LETTERS) : match.start()]


def _due(cues: Cues, text: str) -> str | None:
    """Until when, as it was said; a firm date before another."""
    found = (pattern.search(text) for pattern in cues.due)
    return next((match.group() for match in found if match), None)


def _label(said: Masked, match: re.Match[str] | None) -> str | None:
    return said.label(match.start(), match.end()) if match else None


def _called(cues: Cues, said: Masked) -> re.Match[str] | None:
    """Where a participant is addressed: first, last, or between commas."""
    if not said.named:
        return None
    start = _opening(cues, said.text)
    name = f"{NAME}+(?: {NAME}+)?{cues.patronymic}"
    comma = "," if _PUNCTUATION.search(said.text) else ""
    first = re.compile(f"{name}{comma}(?![\\w'])", re.IGNORECASE).match(said.text, start)
    inside = re.compile(f"{comma} (?:{name})(?:,|\\W*$)", re.IGNORECASE).search(said.text)
    return first or inside


def _opening(cues: Cues, text: str) -> int:
    """Where a sentence begins after the words that only open it."""
    place = 0
    while True:
        while place < len(text) and not text[place].isalnum() and text[place] != NAME:
            place += 1
        match = cues.lead.match(text, place)
        if match is None:
            return place
        place = match.end()
