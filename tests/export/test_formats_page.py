"""docs/formats.md names everything that can be written."""

from __future__ import annotations

import re
from pathlib import Path

from stenograf.export import FORMATS

PAGE = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")


def test_each_format_has_its_row_with_its_suffix() -> None:
    """And no row is of a format that there is not."""
    written = PAGE.partition("## What can be written")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\.\w+)` \|", written, re.MULTILINE))
    assert rows == {name: format.suffix for name, format in FORMATS.items()}
