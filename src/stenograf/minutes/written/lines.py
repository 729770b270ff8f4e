"""A transcript as a language model reads it: numbered lines, in blocks that fit its context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final

from stenograf.core.span import Span
from stenograf.export.plain import encoded
from stenograf.minutes.document import Source
from stenograf.minutes.reading import Sentence

BLOCK_BYTES: Final = 8000
"""Of the lines in one request as UTF-8, so that it fits a context of 4096 tokens, Ollama's default.

Bytes, because scripts that tokenizers know less also take more of them: with the tokenizers of
Llama 3, Qwen and Mistral a full block of a made-up meeting has 1600 to 1750 tokens in Russian, 1900
to 2050 in English, 2100 to 2650 in Chinese. The instructions take 330; the rest is for the answer.
"""

LINE_CHARS: Final = 400
"""Of one line: what a statement rests on should be quick to find."""

LABEL_CHARS: Final = 40
UNKNOWN: Final = "?"


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said, under the number that a language model cites it by."""

    number: int
    source: Source

    @property
    def text(self) -> str:
        """The line as the model reads it."""
        return numbered(self.number, self.source.speaker or UNKNOWN, self.source.text)


def numbered(number: int, label: str, text: str) -> str:
    """One line of a request; neither label nor text holds the end of a line.

    >>> numbered(3, "Anna", "We will ship.")
    '3 [Anna] We will ship.'
    """
    return f"{number} [{label[:LABEL_CHARS].translate(_NO_BRACKETS)}] {text}"


_NO_BRACKETS: Final = str.maketrans("[]", "()")


def lines_of(sentences: Iterable[Sentence]) -> list[Line]:
    """Lines from 1: sentences of one utterance share a line while it is short."""
    sources = [
        source
        for _, said in groupby(sentences, key=lambda sentence: sentence.utterance)
        for source in _joined(piece for sentence in said for piece in _cut(sentence.source))
    ]
    return [Line(number, source) for number, source in enumerate(sources, start=1)]


def _joined(said: Iterable[Source]) -> Iterator[Source]:
    """Neighbours of one speaker as one, up to `LINE_CHARS`."""
    line: Source | None = None
    for source in said:
        if line is None:
            line = source
        elif len(line.text) + 1 + len(source.text) <= LINE_CHARS:
            span = Span(line.span.start, max(line.span.end, source.span.end))
            line = Source(span, line.speaker, f"{line.text} {source.text}")
        else:
            yield line
            line = source
    if line is not None:
        yield line


def _cut(source: Source) -> Iterator[Source]:
    """What is too long for a line in several; nobody knows when in its time each was said."""
    rest = source.text
    while len(rest) > LINE_CHARS:
        at = rest.rfind(" ", 1, LINE_CHARS + 1)
        at = LINE_CHARS if at < 0 else at
        yield Source(source.span, source.speaker, rest[:at])
        rest = rest[at:].lstrip()
    yield Source(source.span, source.speaker, rest)


def blocks(texts: Sequence[str], *, max_bytes: int) -> list[range]:
    """Which texts go into one request: as few as fit, of about the same length.

    A text alone may be longer.

    >>> blocks(["aaa", "bbb", "ccc", "ddd"], max_bytes=12)
    [range(0, 2), range(2, 4)]
    """
    sizes = [len(encoded(text)) + 1 for text in texts]
    enough = sum(sizes) / max(1, ceil(sum(sizes) / max_bytes))
    found, start, filled = [], 0, 0
    for index, size in enumerate(sizes):
        if filled and (filled >= enough or filled + size > max_bytes):
            found.append(range(start, index))
            start, filled = index, 0
        filled += size
    return [*found, range(start, len(texts))] if texts else found
