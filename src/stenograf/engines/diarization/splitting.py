"""One speaker taken apart, where several people were heard as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.features import FRAMES_PER_SECOND
from stenograf.core.errors import UnsupportedError
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import DiarizationOptions
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.clustering import Embeddings, find_voices
from stenograf.engines.diarization.resegment import (
    Scores,
    best_path,
    give_everyone_a_step,
    turns_of,
)
from stenograf.engines.diarization.windows import STEP_FRAMES, Stretch

STEPS_PER_SECOND: Final = FRAMES_PER_SECOND // STEP_FRAMES
MIN_SHARE: Final = 0.5  # of a voice's time, to count as this speaker's


@dataclass(frozen=True, slots=True)
class _Voice:
    """One kept vector (d,) and the steps in which it is heard: `active` counts from `first`."""

    vector: Embeddings
    first: int
    active: NDArray[np.bool_]


def split_turns(evidence: SpeakerEvidence, turns: Sequence[Turn], parts: int) -> list[Turn]:
    """The turns of one speaker as those of exactly `parts`, numbered by first speech.

    The voices heard mostly in these turns are clustered; each step of 0.1 s goes to the cluster
    it sounds like, with changes made costly. It takes the evidence of any engine. Raises
    UnsupportedError where the speaker says too little.
    """
    stretches = [stretch_of(turn) for turn in turns]
    kept = list(voices_in(evidence, stretches))
    n_steps = sum(-(-part.n_frames // STEP_FRAMES) for part in stretches)
    if min(len(kept), n_steps) < parts:
        raise UnsupportedError(
            "The speaker says too little to be split into {parts}.",
            hint="Choose fewer parts, or another speaker.",
            parts=parts,
        )
    embeddings = _unit(np.stack([voice.vector for voice in kept]))
    centres = find_voices(embeddings, DiarizationOptions.of(speakers=parts), threshold=0.0)
    every = _step_scores(kept, embeddings @ centres.T, _n_steps(evidence, stretches))
    scores = [every[_steps_of(part)] for part in stretches]
    paths = [best_path(score) for score in scores]
    if len(np.unique(np.concatenate(paths))) < parts:
        paths = give_everyone_a_step(paths, scores)
    return list(turns_of(stretches, paths, scores, STEP_FRAMES))


def stretch_of(turn: Turn) -> Stretch:
    """The frames of a turn, at least one."""
    start = int(turn.span.start * FRAMES_PER_SECOND)
    return Stretch(start, max(start + 1, round(turn.span.end * FRAMES_PER_SECOND)), turn.span)


def _n_steps(evidence: SpeakerEvidence, stretches: Sequence[Stretch]) -> int:
    """Steps that windows and turns reach."""
    last_window = float(evidence.windows[:, 1].max(initial=0.0)) * STEPS_PER_SECOND
    last_turn = max((part.end for part in stretches), default=0) / STEP_FRAMES
    return ceil(max(last_window, last_turn)) + 1


def _steps_of(part: Stretch) -> NDArray[np.int_]:
    """The step of the recording in which the middle of each step of the stretch lies."""
    return np.arange(part.start, part.end, STEP_FRAMES) // STEP_FRAMES


def voices_in(evidence: SpeakerEvidence, stretches: Sequence[Stretch]) -> Iterator[_Voice]:
    """The kept voices that are heard mostly in these stretches, in order of time."""
    inside = np.zeros(_n_steps(evidence, stretches), dtype=np.bool_)
    for part in stretches:
        inside[_steps_of(part)] = True
    edges = np.round(evidence.windows * STEPS_PER_SECOND).astype(int)
    for window, (first, last) in enumerate(edges.tolist()):
        own = inside[first : max(last, first + 1)]
        if not own.any():
            continue
        for vector, active in zip(
            evidence.voices[window].astype(np.float32),
            _active_steps(evidence, window, len(own)),
            strict=True,
        ):
            heard = np.count_nonzero(active)
            mostly = heard and np.count_nonzero(active & own) >= MIN_SHARE * heard
            if mostly and np.isfinite(vector).all():
                yield _Voice(vector, first, active)


def _active_steps(evidence: SpeakerEvidence, window: int, n_steps: int) -> NDArray[np.bool_]:
    """In which steps of a window each of its local speakers talks, (n_local, n_steps)."""
    if evidence.activity is None:
        return np.ones((evidence.voices.shape[1], n_steps), dtype=np.bool_)
    active = evidence.activity[window]  # (n_frames, n_local)
    middles = ((np.arange(n_steps) + 0.5) * len(active) / n_steps).astype(int)
    talking: NDArray[np.bool_] = active[middles].T
    return talking


def _step_scores(kept: Sequence[_Voice], likeness: Scores, n_steps: int) -> Scores:
    """Mean likeness of each step to each part, the middles of windows counting most.

    Shape (n_steps, n_parts); 0 where no voice was kept.
    """
    total = np.zeros((n_steps, likeness.shape[1]), dtype=np.float32)
    weight = np.zeros((n_steps, 1), dtype=np.float32)
    for voice, row in zip(kept, likeness, strict=True):
        steps = slice(voice.first, voice.first + len(voice.active))
        shape = np.hanning(len(voice.active) + 2)[1:-1, None] * voice.active[:, None]
        total[steps] += (shape * row).astype(np.float32)
        weight[steps] += shape.astype(np.float32)
    weight[weight == 0.0] = 1.0
    return total / weight


def _unit(vectors: Embeddings) -> Embeddings:
    directions: Embeddings = vectors / np.maximum(
        np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12
    )
    return directions
