"""Engines told before they are built."""

from __future__ import annotations

import pickle

from stenograf.isolation import Recipe
from stenograf.testing.fakes import FakeRecognizer


class Pair:
    """Holds what it is given."""

    def __init__(self, left: object, right: object) -> None:
        self.left, self.right = left, right


def test_a_part_used_twice_is_made_once_even_after_pickling() -> None:
    """Two engines that share a model share it in the other process as well."""
    part = Recipe.of(FakeRecognizer, "and so on")
    pair = Recipe.of(Pair, part, right=Recipe.of(Pair, part, None))
    made = pickle.loads(pickle.dumps(pair)).make()
    assert made.left is made.right.left


def test_a_recipe_knows_its_engine_before_it_is_made() -> None:
    """Name and capabilities are there without loading anything."""
    recipe = Recipe.of(FakeRecognizer)
    assert recipe.name == "fake"
    assert recipe.capabilities.translates
