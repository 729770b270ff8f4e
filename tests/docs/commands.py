"""Command lines inside code blocks."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tests.docs.blocks import Block

SHELLS = frozenset({"sh", "powershell"})
_ENDS = frozenset("|;&<>")


def commands(block: Block, *names: str) -> Iterator[list[str]]:
    """Arguments of each command of a shell block whose first words are `names`."""
    if block.language not in SHELLS:
        return
    for line in block.text.replace("\\\n", " ").splitlines():
        for words in _simple(line):
            if tuple(words[: len(names)]) == names:
                yield words[len(names) :]


def _simple(line: str) -> Iterator[list[str]]:
    """The simple commands of a line, without comments and redirections.

    >>> list(_simple("a b | c > d  # e"))
    [['a', 'b'], ['c'], ['d']]
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if _ENDS.issuperset(word):
            yield words
            words = []
        else:
            words.append(word)
    yield words
