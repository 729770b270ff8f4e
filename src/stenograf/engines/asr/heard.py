"""Words as decoders give them, and the same words as the document wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.engines.asr.packing import Block

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages whose script writes no spaces, as in openai/whisper, tokenizer.py."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One word of a block: seconds since the block began, and the text with the space it carries.

    `probability` None means that nobody measured it; `no_speech` is how probable the engine finds
    it that the block holds no speech.
    """

    start: float
    end: float
    text: str
    probability: float | None = None
    no_speech: float | None = None


def to_words(
    heard: Iterable[Heard], block: Block, language: str | None, earliest: float
) -> Iterator[Word]:
    """The words of one block, none starting before `earliest` or before the word ahead of it.

    Times lie inside the speech that was heard. Replacement characters, left by half a token, and
    words of nothing else are dropped.
    """
    first = True
    for word in heard:
        text = word.text.replace("\ufffd", "").strip()
        if not text:
            continue
        start = min(max(0.0, word.start), block.duration)
        end = min(max(start, word.end), block.duration)
        span = block.to_recording(Span(start, end))
        span = Span(max(span.start, earliest), max(span.end, earliest))
        earliest = span.start
        spaced = word.text.startswith(" ") or (first and language not in UNSPACED)
        yield Word(
            span,
            text,
            _as_probability(word.probability),
            joined=not spaced,
            no_speech=_as_probability(word.no_speech),
        )
        first = False


def _as_probability(measured: float | None) -> float | None:
    return None if measured is None else min(1.0, max(0.0, measured))
