"""Engines that stay in memory between jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from stenograf.isolation.recipe import Recipe

Engine = TypeVar("Engine")


class LoadedEngines:
    """For each role the engine of the last job, for the next one with the same recipe."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Recipe[Any], Any]] = {}

    def engine(
        self, role: str, recipe: Recipe[Engine], make: Callable[[Recipe[Engine]], Engine]
    ) -> Engine:
        """The engine, made only where the recipe is another; the one before is let go first."""
        kept = self._kept.get(role)
        if kept is not None and kept[0] == recipe:
            found: Engine = kept[1]
            return found
        self._let_go(role)
        del kept
        made = make(recipe)
        self._kept[role] = recipe, made
        return made

    def _let_go(self, role: str) -> None:
        """Free its memory now: two sets of weights may be more than there is."""
        kept = self._kept.pop(role, None)
        if kept is not None and hasattr(kept[1], "close"):
            kept[1].close()
