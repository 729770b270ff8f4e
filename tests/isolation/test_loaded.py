"""Engines between jobs."""

from __future__ import annotations

from dataclasses import dataclass

from stenograf.isolation import Recipe
from stenograf.isolation.loaded import LoadedEngines


@dataclass(eq=False)
class Weights:
    """An engine that knows whether it was closed."""

    name: str
    is_closed: bool = False

    def close(self) -> None:
        self.is_closed = True


def test_the_same_recipe_gives_the_same_engine() -> None:
    """Weights are not read again for the next job."""
    loaded = LoadedEngines()
    first = loaded.engine("recognize", Recipe.of(Weights, "small"), Recipe.make)
    assert loaded.engine("recognize", Recipe.of(Weights, "small"), Recipe.make) is first


def test_another_recipe_lets_the_first_go_before_it_is_made() -> None:
    """Memory never holds two engines of one role."""
    loaded = LoadedEngines()
    small = loaded.engine("recognize", Recipe.of(Weights, "small"), Recipe.make)

    def make(recipe: Recipe[Weights]) -> Weights:
        assert small.is_closed
        return recipe.make()

    assert loaded.engine("recognize", Recipe.of(Weights, "large"), make).name == "large"


def test_roles_keep_their_engines_apart() -> None:
    """A job that brings another recognizer leaves the diarizer loaded."""
    loaded = LoadedEngines()
    diarizer = loaded.engine("diarize", Recipe.of(Weights, "onnx"), Recipe.make)
    loaded.engine("recognize", Recipe.of(Weights, "small"), Recipe.make)
    assert loaded.engine("diarize", Recipe.of(Weights, "onnx"), Recipe.make) is diarizer
    assert not diarizer.is_closed


def test_an_engine_that_cannot_be_made_is_not_kept() -> None:
    """The next job tries again."""
    loaded = LoadedEngines()
    calls: list[int] = []

    def make(recipe: Recipe[Weights]) -> Weights:
        calls.append(1)
        if len(calls) == 1:
            raise MemoryError
        return recipe.make()

    try:
        loaded.engine("recognize", Recipe.of(Weights, "small"), make)
    except MemoryError:
        loaded.engine("recognize", Recipe.of(Weights, "small"), make)
    assert len(calls) == 2
