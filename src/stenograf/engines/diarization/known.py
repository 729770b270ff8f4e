"""Speakers whose voices are known from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

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

MARGIN: Final = 0.03
"""How much more like one enrolled voice than like any other, as a cosine.

The width in which GE2E's rate of taking two people of fifty for one halves, from 0.75 to 0.78
(benchmarks/known_speakers.py). With it 5 people instead of 9 of 60 get another's name where two
were heard as one (benchmarks/enrolled.py).
"""

MIN_PURITY: Final = 2 / 3
"""Share of a speaker's own voices that are more like the name's than like any other enrolled one.

A clear majority, so that a speaker made of two people gets neither name: of those 5 it leaves 2.
"""


def match_known(
    evidence: SpeakerEvidence,
    turns: Sequence[Turn],
    known: Mapping[str, tuple[SpeakerEvidence, Sequence[Turn]]],
) -> dict[str, str]:
    """The name of each speaker who sounds like a known one, by speaker id.

    One name for one speaker, so that the likenesses are most in all (Hungarian assignment); a pair
    under MIN_LIKENESS stays apart. Evidence of another embedding model is like nobody.
    """
    clips = {
        name: _mean_voice(*heard)
        for name, heard in known.items()
        if heard[0].model == evidence.model
    }
    there = {name: voice for name, voice in clips.items() if voice is not None}
    least = MIN_LIKENESS.get(evidence.model, UNMEASURED)
    return _one_to_one(mean_voices(evidence, turns), there, least)


def match_enrolled(
    evidence: SpeakerEvidence,
    turns: Sequence[Turn],
    enrolled: Mapping[str, Sequence[Sequence[float]]],
) -> dict[str, str]:
    """The name of each speaker who is an enrolled person beyond doubt, by speaker id.

    `enrolled` are vectors of the evidence's own embedding model, (n_sources, d) for each name. As
    `match_known`, and the name's voice must be ahead of any other by MARGIN and be the nearest of
    MIN_PURITY of all the speaker said; else the speaker stays unknown.
    """
    there = {name: mean_voice(np.array(vectors)) for name, vectors in enrolled.items()}
    here = mean_voices(evidence, turns)
    least = MIN_LIKENESS.get(evidence.model, UNMEASURED)
    return {
        speaker: name
        for speaker, name in _one_to_one(here, there, least).items()
        if _is_clear(_directions_of(evidence, turns, speaker), here[speaker], name, there)
    }


def _is_clear(
    own: NDArray[np.float32], mean: Embedding, name: str, there: Mapping[str, Embedding]
) -> bool:
    """Whether voices (n, d) and their mean are the name's rather than anybody else's."""
    names = list(there)
    enrolled = np.stack([there[each] for each in names])
    likeness = dict(zip(names, (enrolled @ mean).tolist(), strict=True))
    ahead = likeness.pop(name) - max(likeness.values(), default=-1.0)
    nearest = (own @ enrolled.T).argmax(axis=1)  # (n,)
    purity = float(np.mean(nearest == names.index(name)))
    return bool(ahead >= MARGIN and purity >= MIN_PURITY)


def _one_to_one(
    here: Mapping[str, Embedding], there: Mapping[str, Embedding], least: float
) -> dict[str, str]:
    """Names of `there` by speakers of `here`, most alike in all; pairs under `least` stay apart."""
    from scipy.optimize import linear_sum_assignment

    if not here or not there:
        return {}
    likeness = np.stack(list(here.values())) @ np.stack(list(there.values())).T
    speakers, names = list(here), list(there)
    rows, columns = linear_sum_assignment(likeness, maximize=True)
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
    return mean_voice(np.stack(kept)) if kept else None


def mean_voice(vectors: NDArray[np.floating[Any]]) -> Embedding:
    """The mean direction of vectors (n, d), of length 1, shape (d,)."""
    mean: Embedding = np.mean([_direction(vector) for vector in vectors], axis=0)
    return _direction(mean).astype(np.float32)


def _directions_of(
    evidence: SpeakerEvidence, turns: Sequence[Turn], speaker: str
) -> NDArray[np.float32]:
    """Every voice heard mostly in the speaker's turns, of length 1, (n, d)."""
    own = [stretch_of(turn) for turn in turns if turn.speaker == speaker]
    return np.stack([_direction(voice.vector) for voice in voices_in(evidence, own)])


def _direction(vector: Embedding) -> Embedding:
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-12))
