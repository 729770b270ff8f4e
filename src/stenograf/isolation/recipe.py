"""How to build an engine, told before it is built: here, or in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Self, TypeVar

from stenograf.core.ports import Capabilities

Made_co = TypeVar("Made_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Recipe(Generic[Made_co]):
    """What to call and with which arguments; `make` does it.

    Arguments may be recipes themselves, and one that occurs twice is made once. To cross into
    another process all of it must pickle: classes and functions go by their import path, so none
    may be defined in a script or inside a function.

    >>> Recipe.of(max, Recipe.of(int, "7"), 3).make()
    7
    """

    build: Callable[..., Made_co]
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, build: Callable[..., Made_co], *arguments: Any, **keywords: Any) -> Self:
        """The recipe for `build(*arguments, **keywords)`."""
        return cls(build, arguments, keywords)

    @property
    def name(self) -> str:
        """The name that the engine's class carries."""
        name: str = self.build.name  # type: ignore[attr-defined]
        return name

    @property
    def capabilities(self) -> Capabilities:
        """What the engine's class can do."""
        capabilities: Capabilities = self.build.capabilities  # type: ignore[attr-defined]
        return capabilities

    def but(self, **keywords: Any) -> Self:
        """The same with some keyword arguments changed."""
        return replace(self, keywords={**self.keywords, **keywords})

    def make(self) -> Made_co:
        """The engine, its weights loaded; raises what its class raises."""
        made: Made_co = _made(self, {})
        return made


def _made(part: Any, ready: dict[int, Any]) -> Any:
    if not isinstance(part, Recipe):
        return part
    if id(part) not in ready:
        arguments = [_made(argument, ready) for argument in part.arguments]
        keywords = {name: _made(value, ready) for name, value in part.keywords.items()}
        ready[id(part)] = part.build(*arguments, **keywords)
    return ready[id(part)]
