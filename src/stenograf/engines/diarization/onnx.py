"""The default diarizer: pyannote's algorithm on onnxruntime, without its repeated work.

Segmentation in windows of 10 s; a voice embedding for each local speaker; clustering of the
embeddings; turns from the windows' votes. Bredin 2023, "pyannote.audio 2.1 speaker diarization
pipeline".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Capabilities, Diarization, OnProgress, ignore_progress
from stenograf.core.span import Span, union
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s
from stenograf.engines.diarization.blas import ONE_THREAD
from stenograf.engines.diarization.embedding import SpeakerEmbedder, read_window
from stenograf.engines.diarization.labelling import Embeddings, Labeller
from stenograf.engines.diarization.reconstruction import MIN_UNHEARD_SHARE
from stenograf.engines.diarization.relabelling import ENGINE, Heard, evidence_of, recluster
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    LOCAL_SPEAKERS,
    Activity,
    count_windows,
    decode_powerset,
)
from stenograf.engines.diarization.session import OnnxModel
from stenograf.engines.diarization.side_by_side import side_by_side, workers_of

Mode: TypeAlias = Literal["fast", "reference"]

BATCH_WINDOWS: Final = 4  # larger ones are 5 % faster and hold 50 MB more each
SEGMENTATION_SHARE: Final = 0.3  # of the time, for progress


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """How windows are laid and read.

    `hop_s` is the step between windows of 10 s; a speaker's silences up to `min_gap_s` are filled.
    `reference` does what pyannote.audio does where `fast` takes a shortcut: voices are not rounded
    and not kept, numpy's default sort breaks ties, which depends on the processor, and no speaker
    is too seldom counted to be one. Give it an embedder that works per window, too.
    """

    mode: Mode = "fast"
    hop_s: float = 1.0
    min_gap_s: float = 0.0


DEFAULT: Final = OnnxOptions()


class OnnxDiarizer:
    """Diarizer on segmentation-3.0, any speaker embedding and any clustering of embeddings."""

    name: ClassVar[str] = ENGINE
    capabilities: ClassVar[Capabilities] = Capabilities()

    def __init__(
        self,
        segmentation: Path,
        embedder: SpeakerEmbedder,
        labeller: Labeller,
        *,
        options: OnnxOptions = DEFAULT,
        n_threads: int = 2,
    ) -> None:
        self._n_workers, n_each = workers_of(n_threads)
        self._segmentation = OnnxModel(segmentation, input_name="x", n_threads=n_each)
        self._embedder = embedder
        self._labeller = labeller
        self._options = options
        self._hop_samples = round(options.hop_s * SAMPLE_RATE_HZ)

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when. No speech gives no turns, whatever the bounds.

        The segmentation finds speech itself, also outside of `speech`, which only tells whether
        there is any.
        """
        spoken = [span for span in union(_inside(speech, audio)) if span.duration > 0.0]
        if not spoken:
            on_progress(1.0)
            return Diarization(())
        with ONE_THREAD:
            return self._diarize(audio, spoken, options, on_progress)

    def _diarize(
        self,
        audio: Waveform,
        spoken: Sequence[Span],
        options: DiarizationOptions,
        on_progress: OnProgress,
    ) -> Diarization:
        activity, embeddings = self.analyse(audio, on_progress=on_progress)
        heard = self._heard(activity, embeddings, duration_s(audio))
        if not heard.activity.any():
            return Diarization(())
        evidence = None
        if self._options.mode == "fast":
            evidence = evidence_of(heard, spoken, self._labeller, self._embedder.model)
        if evidence is None:
            return heard.diarization(self._labeller, options)
        return recluster(evidence, options)

    def analyse(
        self, audio: Waveform, *, on_progress: OnProgress = ignore_progress
    ) -> tuple[Activity, Embeddings]:
        """What the two networks make of a recording: all that takes time."""
        share = SEGMENTATION_SHARE
        activity = self.segment(audio, on_progress=lambda done: on_progress(share * done))
        embeddings = self._embedder.embed(
            audio,
            activity,
            hop_samples=self._hop_samples,
            on_progress=lambda done: on_progress(share + (1 - share) * done),
        )
        return activity, embeddings

    def _heard(self, activity: Activity, embeddings: Embeddings, duration_s: float) -> Heard:
        exact = self._options.mode == "reference"
        return Heard(
            activity,
            embeddings,
            duration_s,
            hop_s=self._options.hop_s,
            min_gap_s=self._options.min_gap_s,
            min_unheard_share=0.0 if exact else MIN_UNHEARD_SHARE,
            ties="quicksort" if exact else "stable",
        )

    def segment(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> Activity:
        """Who of up to three local speakers talks in each window, (n_windows, 589, 3)."""
        n_windows = count_windows(len(audio), self._hop_samples)
        activity = np.zeros((n_windows, FRAMES_PER_WINDOW, LOCAL_SPEAKERS), dtype=np.bool_)
        edges = pairwise([*range(0, n_windows, BATCH_WINDOWS), n_windows])
        batches = (self._batch(audio, start, end) for start, end in edges)
        end = 0
        for decided in side_by_side(self._decide, batches, n_workers=self._n_workers):
            start, end = end, end + len(decided)
            activity[start:end] = decided
            on_progress(end / n_windows)
        return activity

    def _batch(self, audio: Waveform, start: int, end: int) -> NDArray[np.float32]:
        """The samples of the windows [start, end), (n_windows, 1, WINDOW_SAMPLES)."""
        windows = [read_window(audio, window, self._hop_samples) for window in range(start, end)]
        return np.stack(windows)[:, None]

    def _decide(self, batch: NDArray[np.float32]) -> Activity:
        return decode_powerset(self._segmentation(batch))


def _inside(speech: Sequence[Span], audio: Waveform) -> list[Span]:
    whole = Span(0.0, duration_s(audio))
    return [span.clamp(whole) for span in speech]
