"""Going on with less memory: what to give up first, and how the document says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from stenograf.core.options import AsrOptions
from stenograf.core.ports import Recognizer
from stenograf.core.transcript import Notice
from stenograf.isolation.recipe import Recipe

HINT: Final = "The words are complete. Free memory, or ask for less from the start."


@dataclass(frozen=True, slots=True)
class Request:
    """An engine and what it is asked."""

    recipe: Recipe[Recognizer]
    options: AsrOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrift:
    """What to try, in this order, each on top of the one before.

    `batch_sizes` fall below what was asked or else `usual_batch`, `compute_types` are tried where
    the recipe names the keyword, `blocks_s` are the longest blocks in seconds.
    """

    batch_sizes: tuple[int, ...] = (4, 1)
    usual_batch: int | None = None
    compute_types: tuple[str, ...] = ()
    blocks_s: tuple[float, ...] = (15.0, 8.0)

    def steps(self, asked: Request) -> Iterator[tuple[Request, Notice]]:
        """Ever cheaper requests, each with what the document will say.

        >>> from stenograf.testing.fakes import FakeRecognizer
        >>> asked = Request(Recipe.of(FakeRecognizer), AsrOptions(batch_size=2))
        >>> [notice.code for _, notice in Thrift(blocks_s=(9.0,)).steps(asked)]
        ['memory.smaller_batch', 'memory.shorter_blocks']
        """
        for size in self.batch_sizes:
            if size < (asked.options.batch_size or self.usual_batch or inf):
                asked = replace(asked, options=replace(asked.options, batch_size=size))
                yield asked, _smaller_batch(size)
        for kind in self.compute_types:
            if asked.recipe.keywords.get("compute_type", kind) != kind:
                asked = replace(asked, recipe=asked.recipe.but(compute_type=kind))
                yield asked, _compute_type(kind)
        for block_s in self.blocks_s:
            if block_s < asked.options.block_s(float("inf")):
                asked = replace(asked, options=replace(asked.options, max_block_s=block_s))
                yield asked, _shorter_blocks(block_s)


def _smaller_batch(size: int) -> Notice:
    return Notice(
        "memory.smaller_batch",
        "Memory did not suffice, so recognition went on with a batch of {batch_size}.",
        HINT,
        {"batch_size": size},
    )


def _compute_type(kind: str) -> Notice:
    return Notice(
        "memory.compute_type",
        "Memory did not suffice, so recognition went on with the compute type {compute_type}.",
        HINT,
        {"compute_type": kind},
    )


def _shorter_blocks(block_s: float) -> Notice:
    return Notice(
        "memory.shorter_blocks",
        "Memory did not suffice, so recognition went on with blocks of at most {block_s:.0f} s.",
        HINT,
        {"block_s": block_s},
    )
