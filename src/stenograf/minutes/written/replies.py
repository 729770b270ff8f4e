"""What a language model answered, as data that nobody has checked yet.

Whatever it holds, it can be no more than a few short lines of text with numbers of lines.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stenograf.export.plain import one_line

MAX_LISTED: Final = 30
"""Statements of one kind in the answer to one request; a model that goes in circles has more."""

MAX_TOPICS: Final = 10
MAX_TITLE_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 600
MAX_SUMMARY_CHARS: Final = 2000

_NUMBER_DIGITS: Final = 9


def _numbers(given: object) -> list[int]:
    """The whole numbers of a list, also as text; anything else cites nothing.

    >>> _numbers([3, "4", True, 1.5, None, [5], 10**12, "x"]), _numbers(7)
    ([3, 4], [7])
    """
    listed = given if isinstance(given, list) else [given]
    found = [number for each in listed if (number := _number(each)) is not None]
    return list(dict.fromkeys(found))


def _number(given: object) -> int | None:
    text = str(given) if type(given) is int and abs(given) < 10**_NUMBER_DIGITS else given
    if not isinstance(text, str) or len(text) > _NUMBER_DIGITS or not text.isascii():
        return None
    return int(text) if text.isdigit() else None


def _listed(given: object) -> object:
    return [] if given is None else given


Item = TypeVar("Item")
Numbers = Annotated[list[int], BeforeValidator(_numbers)]
Title = Annotated[str, Field(max_length=MAX_TITLE_CHARS), AfterValidator(one_line)]
Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS), AfterValidator(one_line)]
Listed = Annotated[list[Item], Field(max_length=MAX_LISTED), BeforeValidator(_listed)]


class Reply(BaseModel):
    """Part of an answer: of the types that were asked for, what else it holds is left out."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Statement(Reply):
    """A sentence, and the numbers of the lines that it rests on."""

    text: Text
    lines: Numbers = []


class Assignment(Statement):
    """Something to be done; the model leaves open by whom and until when."""

    assignee: Title | None = None
    due: Title | None = None


class Subject(Reply):
    """A topic and its points, the most important first."""

    title: Title
    points: Listed[Statement] = []


class Notes(Reply):
    """The answer about one block of lines."""

    topics: Annotated[list[Subject], Field(max_length=MAX_TOPICS), BeforeValidator(_listed)] = []
    decisions: Listed[Statement] = []
    tasks: Listed[Assignment] = []
    questions: Listed[Statement] = []


class Summary(Reply):
    """The answer about the points of all blocks."""

    summary: Annotated[
        str, Field(min_length=1, max_length=MAX_SUMMARY_CHARS), AfterValidator(one_line)
    ]
    continues: Numbers = []


Shape = TypeVar("Shape", bound=Reply)


def parsed(answer: str, shape: type[Shape]) -> Shape:
    """The answer in its shape; raises ValueError with what is wrong, in words without its texts."""
    try:
        return shape.model_validate_json(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        reason = f"{place}: {first['msg']}." if place else f"{first['msg']}."
    raise ValueError(reason)
