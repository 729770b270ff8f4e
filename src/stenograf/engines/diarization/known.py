"""Speakers whose voices are known from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.labelling import CUT_OF_3_1
from stenograf.engines.diarization.splitting import stretch_of, voices_in

Embedding: TypeAlias = NDArray[np.float32]
"""One voice, shape (d,)."""

MIN_LIKENESS: Final[Mapping[str, float]] = {
    "ge2e": 0.78,
    "wespeaker-resnet34": 1.0 - CUT_OF_3_1**2 / 2.0,  # 0.752
}
"""Cosine of mean voices below which a voice is nobody's, by embedding model.

GE2E's misses 8 % of pairs of one speaker and takes 5 % of pairs among fifty for one
(benchmarks/known_speakers.py); the one-to-one rule leaves fewer of those.
WeSpeaker's is not measured here: it is the distance of unit vectors at which pyannote's
speaker-diarization-3.1 (config.yaml, clustering.threshold) parts two speakers, as a cosine. GE2E's
own best cut of that kind, 0.525, would be 0.86: such a limit leaves people unnamed rather than
misnamed.
"""

UNMEASURED: Final = 0.5
"""For other embeddings; no engine of ours keeps any."""


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

    here = mean_voices(evidence, turns)
    speakers = list(here)
    clips = {
        name: _mean_voice(*heard)
        for name, heard in known.items()
        if heard[0].model == evidence.model
    }
    there = {name: voice for name, voice in clips.items() if voice is not None}
    likeness = np.array([[float(a @ b) for b in there.values()] for a in here.values()])
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


def mean_voices(evidence: SpeakerEvidence, turns: Sequence[Turn]) -> dict[str, Embedding]:
    """How each speaker sounds, by speaker id: the mean direction of their voices, of length 1.

    A speaker of whom too little was heard for a voice is left out.
    """
    speakers = sorted({turn.speaker for turn in turns})
    means = {
        each: _mean_voice(evidence, [turn for turn in turns if turn.speaker == each])
        for each in speakers
    }
    return {speaker: voice for speaker, voice in means.items() if voice is not None}


def _mean_voice(evidence: SpeakerEvidence, turns: Sequence[Turn]) -> Embedding | None:
    """The mean direction of the voices heard mostly in these turns, (d,); None without any."""
    kept = [voice.vector for voice in voices_in(evidence, [stretch_of(turn) for turn in turns])]
    if not kept:
        return None
    mean: Embedding = np.mean([_direction(vector) for vector in kept], axis=0)
    return _direction(mean)


def _direction(vector: Embedding) -> Embedding:
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-12))
