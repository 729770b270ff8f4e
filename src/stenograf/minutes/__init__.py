"""Minutes of a meeting: from a transcript, by its own sentences or by a language model."""

from stenograf.minutes.document import (
    Item,
    Minutes,
    MinutesMethod,
    MinutesOptions,
    Participant,
    Source,
    Task,
    Topic,
)
from stenograf.minutes.port import LanguageModel, Prompt

__all__ = [
    "Item",
    "LanguageModel",
    "Minutes",
    "MinutesMethod",
    "MinutesOptions",
    "Participant",
    "Prompt",
    "Source",
    "Task",
    "Topic",
]
