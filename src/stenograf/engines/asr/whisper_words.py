"""Whisper's words as ours: on the recording's clock, in order, without the spaces they carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.engines.asr.packing import BLOCK_S, Block

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages whose script writes no spaces, as in openai/whisper, tokenizer.py."""

# A block is silence to Whisper when it says so and does not believe its own words
# (openai/whisper, transcribe.py: no_speech_threshold and logprob_threshold).
NO_SPEECH_PROBABILITY = 0.6
UNSURE_LOG_PROBABILITY = -1.0


def is_silence(segment: Any) -> bool:
    """Whether Whisper both suspects silence and doubts what it wrote."""
    return bool(
        segment.no_speech_prob > NO_SPEECH_PROBABILITY
        and segment.avg_logprob < UNSURE_LOG_PROBABILITY
    )


def to_words(
    segments: Sequence[Any], block: Block, language: str, earliest: float
) -> Iterator[Word]:
    """The words of one block, none starting before `earliest` or before the word ahead of it.

    Times lie inside the speech that was heard. Replacement characters, left by half a token, and
    words of nothing else are dropped.
    """
    first = True
    for segment in segments:
        offset = segment.seek / 100 // BLOCK_S * BLOCK_S
        for word in segment.words or ():
            text = word.word.replace("\ufffd", "").strip()
            if not text:
                continue
            start = min(max(0.0, float(word.start) - offset), block.duration)
            end = min(max(start, float(word.end) - offset), block.duration)
            span = block.to_recording(Span(start, end))
            span = Span(max(span.start, earliest), max(span.end, earliest))
            earliest = span.start
            spaced = word.word.startswith(" ") or (first and language not in UNSPACED)
            probability = min(1.0, max(0.0, float(word.probability)))
            yield Word(span, text, probability, joined=not spaced)
            first = False
