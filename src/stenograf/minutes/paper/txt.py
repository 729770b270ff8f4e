"""Minutes as plain text: for a message, or for a terminal."""

from __future__ import annotations

from functools import singledispatch
from typing import Final

from stenograf.export.plain import encoded
from stenograf.minutes.document import Minutes
from stenograf.minutes.paper import layout

_LONGEST_RULE: Final = 72
_GAP: Final = "_" * 20


def render(minutes: Minutes, lang: str | None = None) -> bytes:
    """Text in UTF-8; a row of a table is an item whose cells have names."""
    paper = layout.laid_out(minutes, lang)
    parts = [_underlined(paper.title, "="), f"{paper.kind}\n"]
    return encoded("\n".join([*parts, *map(_written, paper.blocks)]))


@singledispatch
def _written(block: object) -> str:
    raise TypeError(block)


@_written.register
def _(block: layout.Heading) -> str:
    return _underlined(block.text, "-") if block.level == 2 else f"{block.text}\n"


@_written.register
def _(block: layout.Facts) -> str:
    return "".join(f"{name}: {value}\n" for name, value in block.rows)


@_written.register
def _(block: layout.Table) -> str:
    return "".join(_row(block, row) for row in block.rows)


@_written.register
def _(block: layout.Entries) -> str:
    return "".join(f"{mark} {entry.text} [{entry.where}]\n" for mark, entry in block.marked())


@_written.register
def _(block: layout.Text | layout.SmallPrint) -> str:
    return f"{block.text}\n"


@_written.register
def _(block: layout.Remark) -> str:
    return f"[!] {block.text}\n"


@_written.register
def _(block: layout.Signature) -> str:
    return "  ".join(f"{gap}: {_GAP}" for gap in block.gaps) + "\n"


def _row(table: layout.Table, row: tuple[str, ...]) -> str:
    first = int(table.is_numbered)
    mark = f"{row[0]}." if table.is_numbered else "-"
    named = zip(table.header[first + 1 :], row[first + 1 :], strict=True)
    cells = "; ".join(f"{name}: {cell}" for name, cell in named if cell)
    return f"{mark} {row[first]}\n" + (f"{' ' * len(mark)} {cells}\n" if cells else "")


def _underlined(text: str, rule: str) -> str:
    return f"{text}\n{rule * min(len(text), _LONGEST_RULE)}\n"
