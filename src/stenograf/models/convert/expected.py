"""Finds out whether weights are those of the model a conversion expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stenograf.core.errors import ModelInvalidError
from stenograf.models.checkpoint import Array, Weights


def part_of(weights: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """The weights below `prefix.`, named without it."""
    start = prefix + "."
    return {name[len(start) :]: weights[name] for name in weights if name.startswith(start)}


def require_shapes(
    weights: Mapping[str, Array], expected: Iterable[tuple[str, tuple[int, ...]]], *, model: str
) -> None:
    """Refuse weights that are not those of `model`, naming the first difference."""
    for name, shape in expected:
        if name not in weights:
            raise ModelInvalidError(
                "This is no {model} checkpoint: it has no {name}.", model=model, name=name
            )
        found = weights.shape(name) if isinstance(weights, Weights) else weights[name].shape
        if found != shape:
            raise ModelInvalidError(
                "This is no {model} checkpoint: {name} has the shape {found}, not {shape}.",
                model=model,
                name=name,
                found=found,
                shape=shape,
            )
