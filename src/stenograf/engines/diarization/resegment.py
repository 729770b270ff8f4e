"""From voices to turns: who speaks in each short step of each stretch of speech."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.features import FRAMES_PER_SECOND
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, speaker_id
from stenograf.engines.diarization.windows import Stretch, Window

SWITCH_COST: Final = 1.0  # summed cosine over 0.1 s steps; flat from 0.2 to 2
PAUSE_S: Final = 0.8  # on AMI excerpts 5 % less DER than 0, in made meetings the same
STEEPNESS: Final = 20.0  # from a difference of cosines to log odds

Scores: TypeAlias = NDArray[np.float32]
"""Likeness of each step to each voice, shape (n_steps, n_voices)."""

VoicePath: TypeAlias = NDArray[np.int_]
"""Voice of each step, shape (n_steps,)."""


def step_scores(
    part: Stretch, windows: Sequence[Window], likeness: Scores, step_frames: int
) -> Scores:
    """Mean likeness of the windows over each step of `step_frames`, their middles counting most.

    `likeness` has a row per window of this stretch.
    """
    n_steps = -(-part.n_frames // step_frames)
    total = np.zeros((n_steps, likeness.shape[1]), dtype=np.float32)
    weight = np.zeros((n_steps, 1), dtype=np.float32)
    for window, row in zip(windows, likeness, strict=True):
        first = (window.start - part.start) // step_frames
        last = -(-(window.end - part.start) // step_frames)
        shape = np.hanning(last - first + 2)[1:-1, None].astype(np.float32)
        total[first:last] += shape * row
        weight[first:last] += shape
    return total / weight


def best_path(scores: Scores, switch_cost: float = SWITCH_COST) -> VoicePath:
    """The path of highest total score when each change of voice costs `switch_cost` (Viterbi).

    Ties stay with the voice before, then go to the lower one.
    """
    n_steps, n_voices = scores.shape
    if n_voices == 1:
        return np.zeros(n_steps, dtype=np.int_)
    came_from = np.empty((n_steps, n_voices), dtype=np.int32)
    stay = np.arange(n_voices, dtype=np.int32)
    best = scores[0].astype(np.float64)
    for step in range(1, n_steps):
        leader = int(best.argmax())
        switched = best[leader] - switch_cost
        came_from[step] = np.where(best >= switched, stay, leader)
        best = np.maximum(best, switched) + scores[step]
    path = np.empty(n_steps, dtype=np.int_)
    path[-1] = best.argmax()
    for step in range(n_steps - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path


def give_everyone_a_step(paths: list[VoicePath], scores: Sequence[Scores]) -> list[VoicePath]:
    """Paths in which every voice speaks: each gets the step that suits it best, none twice.

    Needs as many steps as voices (Hungarian assignment).
    """
    from scipy.optimize import linear_sum_assignment

    every = np.concatenate(scores)  # (n_all_steps, n_voices)
    joined = np.concatenate(paths)
    voices, steps = linear_sum_assignment(every.T, maximize=True)
    joined[steps] = voices
    ends = np.cumsum([len(path) for path in paths])[:-1]
    return list(np.split(joined, ends))


def turns_of(
    parts: Sequence[Stretch], paths: Sequence[VoicePath], scores: Sequence[Scores], step_frames: int
) -> tuple[Turn, ...]:
    """Runs of one voice inside a stretch, speakers numbered by first speech.

    The outer bounds are those of the speech. Confidence is the mean chance of the turn's voice
    against the others; None where there is only one voice.
    """
    names: dict[int, str] = {}
    turns = []
    for part, path, score in zip(parts, paths, scores, strict=True):
        chance = _chances(score)
        edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
        for first, last in pairwise(edges):
            voice = int(path[first])
            name = names.setdefault(voice, speaker_id(len(names)))
            sure = float(chance[first:last, voice].mean()) if score.shape[1] > 1 else None
            turns.append(Turn(_span(part, first, last, len(path), step_frames), name, sure))
    return tuple(turns)


def bridge_pauses(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns with pauses of one speaker up to PAUSE_S closed, unless somebody else speaks there."""
    bridged: list[Turn] = []
    for turn in turns:
        last = bridged[-1] if bridged else turn
        if bridged and last.speaker == turn.speaker and turn.span.start - last.span.end <= PAUSE_S:
            bridged[-1] = _joined(last, turn)
        else:
            bridged.append(turn)
    return tuple(bridged)


def _joined(first: Turn, second: Turn) -> Turn:
    """Both turns and the pause between; longer ones count more in the confidence."""
    sure = None
    if first.confidence is not None and second.confidence is not None:
        lengths = first.span.duration, second.span.duration
        weighted = first.confidence * lengths[0] + second.confidence * lengths[1]
        sure = weighted / sum(lengths)
    return Turn(Span(first.span.start, second.span.end), first.speaker, sure)


def _chances(scores: Scores) -> Scores:
    """Softmax over voices, shape (n_steps, n_voices)."""
    odds = np.exp(STEEPNESS * (scores - scores.max(axis=1, keepdims=True)))
    chances: Scores = odds / odds.sum(axis=1, keepdims=True)
    return chances


def _span(part: Stretch, first: int, last: int, n_steps: int, step_frames: int) -> Span:
    start = part.span.start if first == 0 else _second(part, first * step_frames)
    end = part.span.end if last == n_steps else _second(part, last * step_frames)
    return Span(start, end)


def _second(part: Stretch, frame: int) -> float:
    return (part.start + frame) / FRAMES_PER_SECOND
