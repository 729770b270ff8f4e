"""The index of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def linked() -> set[Path]:
    """Files that the index points to."""
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    return {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", text)}


def test_every_page_is_in_the_index() -> None:
    """A page nobody links to is a page nobody reads."""
    pages = {page.resolve() for page in DOCS.rglob("*.md")} - {(DOCS / "README.md").resolve()}
    assert pages <= linked()


@pytest.mark.parametrize("target", sorted(linked()), ids=lambda path: path.name)
def test_index_points_to_files(target: Path) -> None:
    """No dead link."""
    assert target.is_file()
