"""Links between the project's own pages lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.docs.blocks import ROOT, name

PLACES = ("*.md", "*/README.md", "integrations/*/README.md", "docs/[!R]*.md", "docs/*/**/*.md")
PAGES = sorted(page for place in PLACES for page in ROOT.glob(place))


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """Addresses of links and pictures, but those of the web."""
    for token in tokens(page):
        for child in token.children or ():
            address = str(child.attrGet("href") or child.attrGet("src") or "")
            if address and not re.match(r"[a-z]+:", address):
                yield address


@cache
def anchors(page: Path) -> set[str]:
    """What headings are called in addresses, as GitHub does it."""
    pairs = zip(tokens(page), tokens(page)[1:], strict=False)
    heads = [inline.content for opening, inline in pairs if opening.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """The file is there, and so is the heading."""
    for address in links(page):
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), address
        if anchor:
            assert anchor in anchors(target), address
