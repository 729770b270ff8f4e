"""Blocks of speech decoded batch after batch, with a caller who looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from stenograf.core.ports import OnProgress
from stenograf.core.transcript import Word
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.asr.heard import Heard, to_words
from stenograf.engines.asr.heartbeat import with_heartbeat
from stenograf.engines.asr.packing import Block

Decode: TypeAlias = Callable[[Sequence[Samples]], list[list[Heard]]]
"""The words of each block of a batch, given the sound of each."""


def in_batches(blocks: Sequence[Block], size: int) -> list[Sequence[Block]]:
    """The blocks in their order, `size` at a time."""
    return [blocks[first : first + size] for first in range(0, len(blocks), size)]


def decoded(
    audio: Waveform,
    batches: Sequence[Sequence[Block]],
    decode: Decode,
    *,
    language: str | None,
    on_progress: OnProgress,
) -> Iterator[Word]:
    """The words of all blocks in time order; memory holds one batch, never the recording."""
    total = sum(block.duration for batch in batches for block in batch)
    done, earliest = 0.0, 0.0
    for batch in batches:
        on_progress(min(1.0, done / total))
        results = with_heartbeat(
            partial(_decode_batch, decode, audio, batch),
            partial(on_progress, min(1.0, done / total)),
        )
        for block, heard in zip(batch, results, strict=True):
            for word in to_words(heard, block, language, earliest):
                earliest = word.span.start
                yield word
            done += block.duration
    on_progress(1.0)


def _decode_batch(decode: Decode, audio: Waveform, batch: Sequence[Block]) -> list[list[Heard]]:
    return decode([block.samples(audio) for block in batch])
