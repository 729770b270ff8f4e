"""docs/guards.md says what the guards do."""

from __future__ import annotations

import re
from pathlib import Path

from stenograf.guards import GUARDS

PAGE = Path(__file__).parents[2] / "docs/guards.md"


def test_every_guard_is_there_with_its_limit() -> None:
    """A limit that moves, moves on the page too."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([\d.]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {name: float(limit) for name, limit in rows} == {
        name: guard.limit for name, guard in GUARDS.items()
    }
