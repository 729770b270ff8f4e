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
from stenograf.minutes.port import Answers, LanguageModel, NoAnswers, Prompt

__all__ = [
    "Answers",
    "Item",
    "LanguageModel",
    "Minutes",
    "MinutesBy",
    "MinutesMethod",
    "MinutesOptions",
    "NoAnswers",
    "Participant",
    "Prompt",
    "Source",
    "Task",
    "Topic",
]
