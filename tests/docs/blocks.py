"""Code blocks of the project's pages, with what the comment directly above each says about it.

    <!-- not run: needs Docker -->    a reason, read by whoever wonders
    <!-- run: serve -->               another way than its language's own, one of `WAYS`

A block without such a comment is run (sh, python) or read by its language's parser as it stands.
Blocks that only start benchmarks need neither comment nor language: their options are tested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).parents[2]
GENERATED: Final = frozenset(f"docs/{stem}.md" for stem in ("cli", "errors", "routes", "settings"))

WAYS: Final = {
    "serve": "sh: it starts a server, which is stopped when it is ready",
    "server": "sh, python: a server answers at 127.0.0.1:8000",
    "bare": "sh, python: no Whisper model is there, so English is heard by PocketSphinx",
    "hub": "sh: a model hub answers, new models go to an empty folder, hf_... is a good token",
    "goes on": "python: after the blocks above it, in one program",
    "output": "text: what the block above it prints, but for a few words",
}

BENCHMARK: Final = "python -m benchmarks."

_COMMENT: Final = re.compile(r"<!--\s*(not run|run):\s*(.*?)\s*-->\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One block: `line` is that of its fence; `reason` says why it is not run, if it is not."""

    page: str
    line: int
    language: str
    text: str
    way: str = ""
    reason: str | None = None

    def __str__(self) -> str:
        """Where it is, as editors take it."""
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page that people write by hand, in English."""
    found = [ROOT / "README.md", ROOT / "benchmarks/README.md"]
    found += (path for path in (ROOT / "docs").rglob("*.md") if "ru" not in path.parts)
    found += (ROOT / "integrations").glob("*/README.md")
    return sorted(path for path in found if name(path) not in GENERATED)


def name(page: Path) -> str:
    """A page's path in the project."""
    return page.relative_to(ROOT).as_posix()


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """Its code blocks in order, indented ones (without a language) too."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    return tuple(_blocks(name(page), tokens))


def all_blocks() -> list[Block]:
    """Those of every page."""
    return [block for page in pages() for block in blocks(page)]


def _blocks(page: str, tokens: list[Token]) -> Iterator[Block]:
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in {"fence", "code_block"} and token.map:
            kind, said = _said(before, token)
            language = token.info.strip() or ("sh" if _is_benchmark(token) else "")
            way, reason = (said, None) if kind == "run" else ("", said if kind else None)
            yield Block(page, token.map[0] + 1, language, token.content, way, reason)


def _said(before: Token | None, block: Token) -> tuple[str, str]:
    found = _COMMENT.search(before.content) if before and before.type == "html_block" else None
    if found is None and _is_benchmark(block):
        return "not run", "takes minutes; a test reads its options"
    return (found[1], found[2]) if found else ("", "")


def _is_benchmark(block: Token) -> bool:
    return all(line.startswith(BENCHMARK) for line in block.content.splitlines())
