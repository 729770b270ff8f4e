"""Minutes that a language model writes, and nothing in them without the words it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from stenograf.core.errors import LanguageModelAnswerError
from stenograf.core.transcript import Transcript
from stenograf.minutes.blank import blank_minutes
from stenograf.minutes.document import Item, Minutes, MinutesOptions, Task
from stenograf.minutes.notices import NOTHING_SAID, unfounded
from stenograf.minutes.port import Answers, LanguageModel, NoAnswers, Prompt
from stenograf.minutes.reading import sentences
from stenograf.minutes.written.grounding import Part, grounded
from stenograf.minutes.written.joining import in_order, placed, tasks_in_order, united
from stenograf.minutes.written.lines import BLOCK_BYTES, Line, blocks, lines_of, numbered
from stenograf.minutes.written.prompts import again, notes_prompt, summary_prompt
from stenograf.minutes.written.replies import Notes, Reply, Summary, parsed

N_TRIES: Final = 2
"""For one answer; the second time the model is told what was wrong with the first."""

PART_CHARS: Final = 900
"""Of the summary of a part where that of the whole is made of it: two fit into one request."""

_OPTIONS: Final = MinutesOptions()
_NO_ANSWERS: Final = NoAnswers()

Shape = TypeVar("Shape", bound=Reply)


def write(
    transcript: Transcript,
    model: LanguageModel,
    *,
    options: MinutesOptions = _OPTIONS,
    on_progress: Callable[[float], object],
    answers: Answers = _NO_ANSWERS,
) -> Minutes:
    """Minutes by `model`: of each block of the meeting what it holds, and of all a summary.

    `on_progress` gets a fraction in [0, 1] at least once a second, and what it raises passes.
    Where nothing was said nobody is asked. Raises LanguageModelError.
    """
    blank = blank_minutes(transcript, options, method="model", model=model.name)
    lines = lines_of(sentences(transcript))
    if not lines:
        return replace(blank, notices=(NOTHING_SAID,))
    ranges = blocks([line.text for line in lines], max_bytes=BLOCK_BYTES)
    asking = _Asking(model, on_progress, answers, n_steps=len(ranges) + 1)
    parts = [_noted(lines[part.start : part.stop], asking, blank, options) for part in ranges]
    minutes = _joined(blank, parts, asking, options)
    on_progress(1.0)
    return minutes


class _Asking:
    """Asks the model, or finds what it answered before; each step is a share of the progress."""

    def __init__(
        self,
        model: LanguageModel,
        on_progress: Callable[[float], object],
        answers: Answers,
        *,
        n_steps: int,
    ) -> None:
        self._model = model
        self._on_progress = on_progress
        self._answers = answers
        self._n_steps = n_steps
        self._n_done = 0

    def ask(self, prompt: Prompt, shape: type[Shape]) -> Shape:
        """An answer in its shape; raises LanguageModelError."""
        self._tell()
        name = _name(self._model.name, prompt)
        kept = self._answers.find(name)
        if kept is not None:
            with suppress(ValueError):  # of an earlier version, say: it is asked for again
                return parsed(kept, shape)
        answer, found = self._asked(prompt, shape)
        self._answers.keep(name, answer)
        return found

    def step(self) -> None:
        """One more step is done."""
        self._n_done += 1
        self._tell()

    def _tell(self) -> None:
        self._on_progress(self._n_done / self._n_steps)

    def _asked(self, prompt: Prompt, shape: type[Shape]) -> tuple[str, Shape]:
        asked, failure = prompt, self._useless("")
        for _ in range(N_TRIES):
            try:
                answer = self._model.answer(asked, on_wait=self._tell)
                return answer, parsed(answer, shape)
            except LanguageModelAnswerError as error:
                failure = error
            except ValueError as error:
                failure = self._useless(str(error))
            asked = again(prompt, str(failure))
        raise failure

    def _useless(self, reason: str) -> LanguageModelAnswerError:
        return LanguageModelAnswerError(
            "The answers of the language model {model} are no minutes: {reason}",
            model=self._model.name,
            reason=reason,
        )


def _name(model: str, prompt: Prompt) -> str:
    """A name for the answer of this model to this very prompt."""
    asked = json.dumps([model, prompt.instructions, prompt.text, prompt.schema], sort_keys=True)
    return f"minutes-{hashlib.sha256(asked.encode()).hexdigest()[:32]}"


def _noted(block: Sequence[Line], asking: _Asking, blank: Minutes, options: MinutesOptions) -> Part:
    """What one block of lines holds."""
    texts = [line.text for line in block]
    prompt = notes_prompt(texts, language=blank.language, max_points=options.max_points)
    people = [participant.label for participant in blank.participants]
    part = grounded(asking.ask(prompt, Notes), block, people=people)
    asking.step()
    return part


def _joined(
    blank: Minutes, parts: Sequence[Part], asking: _Asking, options: MinutesOptions
) -> Minutes:
    """The parts as one, with a summary where there is anything to sum up."""
    summary, goes_on = _summed_up(parts, asking, blank.language)
    drafts = [draft for part in parts for draft in part.topics]
    n_unfounded = sum(part.n_unfounded for part in parts)
    return replace(
        blank,
        summary=summary,
        topics=placed(united(drafts, goes_on), max_points=options.max_points),
        decisions=in_order(item for part in parts for item in part.decisions),
        tasks=tasks_in_order(task for part in parts for task in part.tasks),
        questions=in_order(item for part in parts for item in part.questions),
        notices=(unfounded(n_unfounded),) if n_unfounded else (),
    )


def _summed_up(
    parts: Sequence[Part], asking: _Asking, language: str | None
) -> tuple[str | None, set[int]]:
    """The summary, and the indices of topics that go on with the last one of the block before.

    What does not fit into one request is summed up in pieces, and then the summaries of those:
    there are fewer each time, because two of the longest fit into one request.
    """
    points, borders = _points(parts)
    summary, goes_on = None, set[int]()
    while points:
        pieces = blocks(points, max_bytes=BLOCK_BYTES)
        replies = [
            # The line before a piece says what its first topic may go on with.
            asking.ask(
                summary_prompt(points[max(0, piece.start - 1) : piece.stop], language=language),
                Summary,
            )
            for piece in pieces
        ]
        goes_on = goes_on or {number - 1 for reply in replies for number in reply.continues}
        summary = replies[0].summary
        rest = enumerate(replies, start=1) if len(replies) > 1 else ()
        points = [
            numbered(number, f"Part {number}", reply.summary[:PART_CHARS]) for number, reply in rest
        ]
    return summary, goes_on & borders


def _points(parts: Sequence[Part]) -> tuple[list[str], set[int]]:
    """All statements as numbered lines, and the indices of topics that begin a block.

    Topics count from 1, and what belongs to none has the number 0.
    """
    points: list[str] = []
    borders: list[int] = []
    n_topics = 0
    for part in parts:
        borders.append(n_topics)
        for label, items in _kinds(part):
            points += [numbered(0, label, item.text) for item in items]
        for topic in part.topics:
            n_topics += 1
            points += [numbered(n_topics, topic.title, point.text) for point in topic.points]
    return points, set(borders)


def _kinds(part: Part) -> tuple[tuple[str, Sequence[Item | Task]], ...]:
    return ("Decided", part.decisions), ("To do", part.tasks), ("Open", part.questions)
