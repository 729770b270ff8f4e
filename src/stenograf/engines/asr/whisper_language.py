"""Which language a recording speaks, by a vote of several windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from stenograf.core.ports import OnProgress
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.asr.heartbeat import with_heartbeat
from stenograf.engines.asr.packing import Block

Ranked: TypeAlias = Sequence[tuple[str, float]]
"""Languages by Whisper's code with their probabilities."""

N_WINDOWS = 3  # a greeting or a song at the start must not decide alone
SURE_PROBABILITY = 0.9
CODES = {"jv": "jw"}  # ISO 639-1 where Whisper kept an older code


def to_whisper(language: str) -> str:
    """Whisper's code for an ISO 639 code."""
    return CODES.get(language, language)


def from_whisper(language: str) -> str:
    """The ISO 639 code for Whisper's.

    >>> from_whisper("jw"), from_whisper("ru")
    ('jv', 'ru')
    """
    return next((iso for iso, whisper in CODES.items() if whisper == language), language)


def detect_language(
    rank: Callable[[Samples], Ranked],
    audio: Waveform,
    blocks: Sequence[Block],
    on_progress: OnProgress,
) -> tuple[str, float]:
    """Whisper's code of the likeliest language and its mean probability over the windows heard.

    Windows lie evenly over the blocks; two sure ones that agree end the vote.
    """
    votes: dict[str, float] = defaultdict(float)
    windows = _spread(blocks, N_WINDOWS)
    heard = 0
    for block in windows:
        ranked = with_heartbeat(partial(rank, block.samples(audio)), partial(on_progress, 0.0))
        heard += 1
        for language, probability in ranked:
            votes[language] += probability
        if heard == 2 and max(votes.values()) >= 2 * SURE_PROBABILITY:
            break
    best = max(votes, key=lambda language: votes[language])
    return best, min(1.0, votes[best] / heard)


def _spread(blocks: Sequence[Block], n: int) -> list[Block]:
    """At most `n` blocks, evenly over the recording."""
    n = min(n, len(blocks))
    return [blocks[(2 * i + 1) * len(blocks) // (2 * n)] for i in range(n)]
