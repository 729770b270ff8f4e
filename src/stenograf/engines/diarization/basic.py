"""The diarizer that needs no account and no model hub: windows, voices, turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import ClassVar

import numpy as np

from stenograf.audio.features import FRAMES_PER_SECOND
from stenograf.core.errors import DocumentInvalidError, UnsupportedError
from stenograf.core.evidence import SpeakerEvidence, Times, half, times
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Capabilities, Diarization, OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import Waveform, duration_s
from stenograf.engines.diarization.clustering import find_voices
from stenograf.engines.diarization.ge2e import (
    N_DIMENSIONS,
    SAME_VOICE_DISTANCE,
    Embeddings,
    Ge2eEncoder,
)
from stenograf.engines.diarization.resegment import (
    Scores,
    best_path,
    bridge_pauses,
    give_everyone_a_step,
    step_scores,
    turns_of,
)
from stenograf.engines.diarization.windows import (
    GRIDS,
    Grid,
    Stretch,
    Window,
    place_windows,
    stretches,
    windows_on,
)


class BasicDiarizer:
    """Diarizer on the GE2E speaker encoder; one speaker at a time, overlap is not told apart.

    The bounds of the options are met exactly down to one speaker per 10 ms of speech: a recording
    with fewer such frames than speakers asked for has as many speakers as frames.
    """

    name: ClassVar[str] = "basic"
    capabilities: ClassVar[Capabilities] = Capabilities(
        speaker_bounds=True, note="Hears one speaker at a time; overlapping speech goes to one."
    )

    def __init__(self, weights: Path, *, n_threads: int = 0) -> None:
        self._encoder = Ge2eEncoder(weights, n_threads=n_threads)

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when, with the number of speakers inside the bounds of `options`."""
        parts = stretches(speech, duration_s(audio))
        if not parts:
            on_progress(1.0)
            return Diarization(())
        windows, grid = place_windows(parts, options.min_speakers)
        evidence = SpeakerEvidence(
            engine=self.name,
            model="ge2e",
            duration=duration_s(audio),
            speech=times([part.span for part in parts]),
            windows=_times(windows),
            voices=half(self._embed(audio, parts, windows, on_progress))[:, None],
            parameters={
                "same_voice_distance": SAME_VOICE_DISTANCE,
                "window_frames": grid.length,
                "hop_frames": grid.hop,
            },
        )
        found = recluster(evidence, options)
        on_progress(1.0)
        return replace(found, evidence=evidence)

    def _embed(
        self,
        audio: Waveform,
        parts: Sequence[Stretch],
        windows: Sequence[Window],
        on_progress: OnProgress,
    ) -> Embeddings:
        """Unit vectors, shape (n_windows, n_dimensions)."""
        on_progress(0.0)
        embeddings = np.empty((len(windows), N_DIMENSIONS), dtype=np.float32)
        n_done = 0
        for batch in self._encoder.embed(audio, parts, windows):
            embeddings[n_done : n_done + len(batch)] = batch
            n_done += len(batch)
            on_progress(0.95 * n_done / len(windows))
        return embeddings


def recluster(evidence: SpeakerEvidence, options: DiarizationOptions) -> Diarization:
    """Turns from what this engine heard before; needs neither sound nor weights.

    Raises UnsupportedError for more speakers than there are windows, which a fresh run would
    place closer, and DocumentInvalidError where the evidence contradicts itself.
    """
    parts = stretches(evidence.speech_spans, evidence.duration)
    windows, grid = _windows(evidence, parts)
    if len(windows) < options.min_speakers:
        raise UnsupportedError(
            "{n_speakers} speakers cannot be found in {n_windows} stored voices.",
            hint="Run the diarization again with that number of speakers.",
            n_speakers=options.min_speakers,
            n_windows=len(windows),
        )
    embeddings = evidence.voices[:, 0].astype(np.float32)
    voices = find_voices(embeddings, options, threshold=evidence.number("same_voice_distance"))
    scores = _scores(parts, windows, embeddings @ voices.T, grid.step_frames)
    paths = [best_path(score) for score in scores]
    if len(np.unique(np.concatenate(paths))) < options.min_speakers:
        paths = give_everyone_a_step(paths, scores)
    turns = bridge_pauses(turns_of(parts, paths, scores, grid.step_frames))
    return Diarization(turns, evidence=evidence)


def _windows(evidence: SpeakerEvidence, parts: Sequence[Stretch]) -> tuple[Sequence[Window], Grid]:
    grid = Grid(int(evidence.number("window_frames")), int(evidence.number("hop_frames")))
    windows = windows_on(grid, parts) if grid in GRIDS else []
    fits = np.array_equal(_times(windows), evidence.windows) and evidence.voices.shape[1] == 1
    if not windows or not fits or np.isnan(evidence.voices).any():
        raise DocumentInvalidError("The evidence does not fit the speech it was taken from.")
    return windows, grid


def _times(windows: Sequence[Window]) -> Times:
    frames = np.array([(w.start, w.end) for w in windows], dtype=np.float64).reshape(-1, 2)
    return frames / FRAMES_PER_SECOND


def _scores(
    parts: Sequence[Stretch], windows: Sequence[Window], likeness: Scores, step_frames: int
) -> list[Scores]:
    """Step scores of each stretch; `likeness` compares windows with voices."""
    scores = []
    at = 0
    for index, group in groupby(windows, key=lambda window: window.stretch):
        own = list(group)
        scores.append(step_scores(parts[index], own, likeness[at : at + len(own)], step_frames))
        at += len(own)
    return scores
