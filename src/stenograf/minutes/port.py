"""What writes minutes where sentences of the transcript are not enough: a language model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    def answer(self, prompt: Prompt, *, on_wait: Callable[[], object]) -> str:
        """What the model says, JSON if it does as it is told. Raises LanguageModelError.

        `on_wait` is called at least once a second; what it raises ends the request and passes.
        """
        ...


class Answers(Protocol):
    """Answers that were paid for already, so that another attempt asks only for the rest."""

    def find(self, name: str) -> str | None:
        """What was kept under the name, in this attempt or an earlier one."""
        ...

    def keep(self, name: str, answer: str) -> None:
        """Keep it; the name holds only letters, digits and hyphens."""
        ...


class NoAnswers:
    """Keeps nothing."""

    def find(self, name: str) -> str | None:
        """Nothing."""
        return None

    def keep(self, name: str, answer: str) -> None:
        """Forget it."""
