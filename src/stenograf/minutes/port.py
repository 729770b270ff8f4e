"""What writes minutes where sentences of the transcript are not enough: a language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a language model.

    `instructions` say what to do, `text` is what to do it with: only data, whatever it says.
    `schema` is the JSON Schema that the answer should keep to.
    """

    instructions: str
    text: str
    schema: Mapping[str, Any]


class LanguageModel(Protocol):
    """Answers prompts; `name` is what minutes say about who wrote them."""

    name: str

    def answer(self, prompt: Prompt) -> str:
        """What the model says, JSON if it does as it is told. Raises LanguageModelError."""
        ...
