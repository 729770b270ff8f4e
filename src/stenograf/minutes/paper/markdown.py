"""Minutes in Markdown, with tables as GitHub writes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Final

from stenograf.export.markdown import escaped
from stenograf.export.plain import encoded
from stenograf.minutes.document import Minutes
from stenograf.minutes.paper import layout

_GAP: Final = "_" * 20  # between spaces it means nothing in Markdown


def render(minutes: Minutes, lang: str | None = None) -> bytes:
    """UTF-8 text that shows what was said, whatever marks it contains."""
    paper = layout.laid_out(minutes, lang)
    parts = [f"# {escaped(paper.title)}\n", f"*{escaped(paper.kind)}*\n"]
    return encoded("\n".join([*parts, *map(_written, paper.blocks)]))


@singledispatch
def _written(block: object) -> str:
    raise TypeError(block)


@_written.register
def _(block: layout.Heading) -> str:
    return f"{'#' * block.level} {escaped(block.text)}\n"


@_written.register
def _(block: layout.Facts) -> str:
    return "".join(f"- **{escaped(name)}:** {escaped(value)}\n" for name, value in block.rows)


@_written.register
def _(block: layout.Table) -> str:
    first, *others = ([escaped(cell) for cell in row] for row in (block.header, *block.rows))
    return "".join(map(_row, [first, ["---"] * len(first), *others]))


@_written.register
def _(block: layout.Entries) -> str:
    return "".join(
        f"{mark} {escaped(entry.text)} *({escaped(entry.where)})*\n"
        for mark, entry in block.marked()
    )


@_written.register
def _(block: layout.Text) -> str:
    return f"{escaped(block.text)}\n"


@_written.register
def _(block: layout.Remark) -> str:
    return f"> {escaped(block.text)}\n"


@_written.register
def _(block: layout.Signature) -> str:
    return " ".join(f"{escaped(gap)}: {_GAP}" for gap in block.gaps) + "\n"


@_written.register
def _(block: layout.SmallPrint) -> str:
    return f"---\n\n*{escaped(block.text)}*\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
