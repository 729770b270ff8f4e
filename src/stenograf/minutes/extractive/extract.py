"""Minutes in a meeting's own sentences: no language model, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Transcript
from stenograf.minutes.blank import blank_minutes
from stenograf.minutes.document import Item, Minutes, MinutesOptions, Task, Topic
from stenograf.minutes.extractive.asking import SOON_S, stays_open
from stenograf.minutes.extractive.cues import cues_for
from stenograf.minutes.extractive.judging import Finding, Kind, is_question, judge
from stenograf.minutes.extractive.naming import names
from stenograf.minutes.extractive.points import most_telling, weights
from stenograf.minutes.extractive.titles import titles
from stenograf.minutes.extractive.topics import boundaries
from stenograf.minutes.extractive.vocabulary import Vocabulary
from stenograf.minutes.extractive.wording import shortened, without_hesitation
from stenograf.minutes.notices import CUES_UNKNOWN, NOTHING_SAID
from stenograf.minutes.reading import Sentence, sentences
from stenograf.stems import Token

FEWEST_WORDS: Final = 5  # of a point
FEWEST_TELLING: Final = 3  # of a point
TITLE_LETTERS: Final = 60
SAME_LETTERS: Final = 4  # at the beginning of words that answer each other
SHORT_WORDS: Final = 12  # a greeting makes a sentence up to this length no point

_DEFAULTS: Final = MinutesOptions()


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence, what it is, and its telling words."""

    sentence: Sentence
    finding: Finding | None
    telling: Sequence[Token]

    @property
    def terms(self) -> list[str]:
        return [token.stem for token in self.telling]


def extract(transcript: Transcript, *, options: MinutesOptions = _DEFAULTS) -> Minutes:
    """The minutes of a meeting in its own sentences, whatever the transcript holds.

    How each part is found: docs/minutes.md. Sentences that are decisions, tasks or questions are
    no points. Decisions, tasks and questions are found in Russian and English.
    """
    ordered = sorted(sentences(transcript), key=lambda sentence: sentence.source.span)
    said = _read(transcript, ordered)
    return replace(
        blank_minutes(transcript, options, method="extractive"),
        topics=_topics(said, options.max_points),
        decisions=tuple(_item(one) for one in said if _is(one, "decision")),
        tasks=tuple(_tasks(one for one in said if _is(one, "task"))),
        questions=tuple(
            _item(one)
            for place, one in enumerate(said)
            if _is(one, "question") and _open(one, ordered, place)
        ),
        notices=(*transcript.notices, *_notices(ordered)),
    )


def _read(transcript: Transcript, ordered: Sequence[Sentence]) -> list[_Said]:
    """Each sentence with what it is and its telling words."""
    named = names(transcript)
    languages = {transcript.language, *(sentence.language for sentence in ordered)}
    vocabulary = Vocabulary(languages, frozenset(named))
    return [_Said(one, judge(one, named), vocabulary.telling(one.source.text)) for one in ordered]


def _topics(said: Sequence[_Said], max_points: int) -> tuple[Topic, ...]:
    if not said:
        return ()
    terms = [one.terms for one in said]
    weight = weights(terms)
    cuts = boundaries([one.sentence for one in said], terms)
    parts = [said[a:b] for a, b in pairwise([0, *cuts, len(said)])]
    named = titles([[(one.sentence.source.text, one.telling) for one in part] for part in parts])
    spans = _spans(parts)
    return tuple(
        Topic(
            title or shortened(part[0].sentence.source.text, at_most=TITLE_LETTERS),
            span,
            _points(part, weight, max_points),
        )
        for title, span, part in zip(named, spans, parts, strict=True)
    )


def _spans(parts: Sequence[Sequence[_Said]]) -> list[Span]:
    """From the first word of each topic to its last, or to the next topic where they overlap."""
    starts = [part[0].sentence.source.span.start for part in parts]
    ends = [max(one.sentence.source.span.end for one in part) for part in parts]
    limits = [*starts[1:], max(ends)]
    return [
        Span(start, min(end, limit)) for start, end, limit in zip(starts, ends, limits, strict=True)
    ]


def _points(part: Sequence[_Said], weight: Mapping[str, float], at_most: int) -> tuple[Item, ...]:
    fit = [one for one in part if _may_be_point(one)]
    places = most_telling([one.terms for one in fit], weight, at_most=at_most)
    return tuple(_item(fit[place]) for place in places)


def _may_be_point(one: _Said) -> bool:
    """Long enough, about something, and no question, greeting, decision or task."""
    text, n_words = one.sentence.source.text, len(one.sentence.source.text.split())
    if one.finding or len(set(one.terms)) < FEWEST_TELLING:
        return False
    cues = cues_for(text, one.sentence.language)
    if cues is None:
        return not text.rstrip().endswith(("?", "？"))
    polite = n_words <= SHORT_WORDS and cues.courtesy.search(text)
    return n_words >= FEWEST_WORDS and not polite and not is_question(text, cues)


def _is(one: _Said, kind: Kind) -> bool:
    return one.finding is not None and one.finding.kind == kind


def _open(one: _Said, ordered: Sequence[Sentence], place: int) -> bool:
    declared = one.finding is not None and one.finding.declared
    return declared or stays_open(ordered, place)


def _item(one: _Said) -> Item:
    return Item(_text(one), (one.sentence.source,))


def _tasks(said: Iterable[_Said]) -> list[Task]:
    """One for each sentence, but "I can do that" takes up the task said just before."""
    tasks: list[Task] = []
    last: set[str] = set()
    for one in said:
        if tasks and _takes_up(one, tasks[-1], last):
            tasks[-1] = _taken(tasks[-1], one)
        elif one.finding is not None and not one.finding.brief:
            tasks.append(_task(one))
            last = _beginnings(one)
    return tasks


def _taken(task: Task, one: _Said) -> Task:
    due = task.due or (one.finding.due if one.finding else None)
    sources = (*task.sources, one.sentence.source)
    return replace(task, assignee=one.sentence.source.speaker, due=due, sources=sources)


def _takes_up(one: _Said, task: Task, said: set[str]) -> bool:
    """Whether somebody else says soon after a task, and of nothing else, that he does it."""
    taker, last = one.sentence.source, task.sources[-1]
    mine = one.finding is not None and one.finding.assignee == taker.speaker is not None
    same = (one.finding is not None and one.finding.brief) or said.issuperset(_beginnings(one))
    soon = taker.span.start - last.span.end <= SOON_S
    return (
        (mine and same and soon)
        and taker.speaker != last.speaker
        and task.assignee in {None, taker.speaker}
    )


def _beginnings(one: _Said) -> set[str]:
    """«Отправьте» and «отправлю» have two stems that begin alike."""
    return {term[:SAME_LETTERS] for term in one.terms}


def _task(one: _Said) -> Task:
    assignee, due = (one.finding.assignee, one.finding.due) if one.finding else (None, None)
    return Task(_text(one), (one.sentence.source,), assignee, due)


def _text(one: _Said) -> str:
    around = one.finding.at if one.finding else 0
    return without_hesitation(shortened(one.sentence.source.text, around=around))


def _notices(ordered: Sequence[Sentence]) -> tuple[Notice, ...]:
    if not ordered:
        return (NOTHING_SAID,)
    unknown = sum(cues_for(one.source.text, one.language) is None for one in ordered)
    return (CUES_UNKNOWN,) if 2 * unknown > len(ordered) else ()
