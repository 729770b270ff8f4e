"""Minutes of a meeting: from a transcript, by its own sentences or by a language model."""

from stenograf.minutes.document import (
    Item,
    Minutes,
    MinutesBy,
    MinutesMethod,
    MinutesOptions,
    Participant,
    Source,
    Task,
    Topic,
)
from stenograf.minutes.extractive.extract import extract
from stenograf.minutes.formats import FORMATS, MinutesFormat, render
from stenograf.minutes.port import Answers, LanguageModel, NoAnswers, Prompt

__all__ = [
    "FORMATS",
    "Answers",
    "Item",
    "LanguageModel",
    "Minutes",
    "MinutesBy",
    "MinutesFormat",
    "MinutesMethod",
    "MinutesOptions",
    "NoAnswers",
    "Participant",
    "Prompt",
    "Source",
    "Task",
    "Topic",
    "extract",
    "read_minutes",
    "render",
    "to_json",
]


def read_minutes(data: bytes) -> Minutes:
    """The minutes in a .json file that some version of Stenograf wrote.

    Raises DocumentInvalidError, naming the place, and DocumentTooNewError.
    """
    from stenograf.minutes.json import read_minutes as read

    return read(data)


def to_json(minutes: Minutes) -> bytes:
    """The minutes as JSON in UTF-8, described by docs/schema/minutes-1.json."""
    return render(minutes, "json")
