"""Russian pages say to run what the English ones say, and those are tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.blocks import ROOT, Block, blocks

DOCS = ROOT / "docs"
PAIRS = {ROOT / "README.md": ROOT / "README.ru.md"} | {
    page: DOCS / "ru" / page.relative_to(DOCS)
    for page in [DOCS / "install.md", *sorted((DOCS / "howto").glob("*.md"))]
}

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
COMMENT = re.compile(r"\s*(?<!\S)(?:#|//) .*$", re.MULTILINE)

HEADING = re.compile(r"^#+ ", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```|<!--.*?-->", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """A page without its code blocks and marks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def without_comments(block: Block) -> tuple[str, str]:
    """What the block does, in any language of its reader; names of people may differ."""
    text = re.sub(r'"[A-ZА-ЯЁ][\w ]+"', '"NAME"', COMMENT.sub("", block.text))
    return block.language, text


@pytest.mark.parametrize(("english", "russian"), PAIRS.items(), ids=lambda path: path.name)
def test_a_russian_page_has_the_same_commands(english: Path, russian: Path) -> None:
    """In the same order; only comments and the names of people are translated."""
    expected = [without_comments(block) for block in blocks(english)]
    assert [without_comments(block) for block in blocks(russian)] == expected


@pytest.mark.parametrize(("english", "russian"), PAIRS.items(), ids=lambda path: path.name)
def test_a_russian_page_is_in_russian(english: Path, russian: Path) -> None:
    """Each paragraph of some length, with its dashes and quotes; headings as many as in English."""
    text = prose(russian)
    assert len(HEADING.findall(text)) == len(HEADING.findall(prose(english)))
    for part in text.split("\n\n"):
        assert len(part) < 80 or CYRILLIC.search(part), part
    assert " - " not in text, "a dash is —"
    assert '"' not in re.sub(r"`[^`]*`", "", text), "quotes are «»"


def test_the_russian_front_page_is_linked() -> None:
    """At the top of the English one, and back."""
    assert "(README.ru.md)" in (ROOT / "README.md").read_text("utf-8")[:400]
    assert "(README.md)" in (ROOT / "README.ru.md").read_text("utf-8")[:400]
