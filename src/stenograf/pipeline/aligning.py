"""Exact times for recognized words, or the times they had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stenograf.core.errors import CancelledError, StenografError
from stenograf.core.ports import Aligner, Alignment, OnProgress
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Word
from stenograf.core.waveform import Waveform
from stenograf.pipeline.parts import Parts

ALIGNED: Final = "aligned"
"""Name of the part that is kept."""


def align_words(  # noqa: PLR0913
    aligner: Aligner,
    audio: Waveform,
    words: Sequence[Word],
    speech: Sequence[Span],
    language: str | None,
    *,
    parts: Parts,
    on_progress: OnProgress,
) -> Alignment:
    """The words with the aligner's times, or with their own where it fails."""
    if not words:
        return Alignment(tuple(words))
    known = parts.find(ALIGNED, Alignment)
    if known is not None:
        return known
    try:
        alignment = aligner.align(audio, words, speech, language, on_progress=on_progress)
    except CancelledError:
        raise
    except StenografError as error:
        return Alignment(tuple(words), (_without_alignment(error),))
    parts.keep(ALIGNED, alignment)
    return alignment


def _without_alignment(error: StenografError) -> Notice:
    return Notice(
        "align.failed",
        "The words are complete, but keep the recognizer's times: {reason}",
        error.hint,
        {**error.details, "reason": str(error), "cause": error.code},
    )
