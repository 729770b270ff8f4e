"""Speakers whose voices are known from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.splitting import stretch_of, voices_in

MIN_LIKENESS: Final[Mapping[str, float]] = {"ge2e": 0.75}
"""Cosine of mean voices below which a voice is nobody's, by embedding model.

On 4 clips each of 5 LibriSpeech speakers (test-other) 0.75 misses 5 % of pairs of one speaker and
takes 5 % of pairs of two for one; the one-to-one rule leaves fewer of those.
"""

UNMEASURED: Final = 0.5
"""For other embeddings, whose weights are not at hand."""


def match_known(
    evidence: SpeakerEvidence,
    turns: Sequence[Turn],
    known: Mapping[str, tuple[SpeakerEvidence, Sequence[Turn]]],
) -> dict[str, str]:
    """The name of each speaker who sounds like a known one, by speaker id.

    One name for one speaker, so that the likenesses are most in all (Hungarian assignment); a pair
    under MIN_LIKENESS stays apart. Evidence of another embedding model is like nobody.
    """
    from scipy.optimize import linear_sum_assignment

    speakers = sorted({turn.speaker for turn in turns})
    here = {
        each: _mean_voice(evidence, [t for t in turns if t.speaker == each]) for each in speakers
    }
    there = {
        name: _mean_voice(*heard)
        for name, heard in known.items()
        if heard[0].model == evidence.model
    }
    likeness = np.array([[_cosine(a, b) for b in there.values()] for a in here.values()])
    if not likeness.size:
        return {}
    least = MIN_LIKENESS.get(evidence.model, UNMEASURED)
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    names = list(there)
    return {
        speakers[row]: names[column]
        for row, column in zip(rows, columns, strict=True)
        if likeness[row, column] >= least
    }


def _mean_voice(evidence: SpeakerEvidence, turns: Sequence[Turn]) -> NDArray[np.float32] | None:
    """The mean direction of the voices heard mostly in these turns, (d,); None without any."""
    kept = [voice.vector for voice in voices_in(evidence, [stretch_of(turn) for turn in turns])]
    if not kept:
        return None
    directions = [vector / max(float(np.linalg.norm(vector)), 1e-12) for vector in kept]
    mean: NDArray[np.float32] = np.mean(directions, axis=0).astype(np.float32)
    return mean


def _cosine(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> float:
    if one is None or other is None:
        return -1.0
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / max(norms, 1e-12)
