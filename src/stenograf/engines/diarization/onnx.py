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

from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Capabilities, Diarization, OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Turn, speaker_id
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s
from stenograf.engines.diarization.embedding import SpeakerEmbedder, read_window
from stenograf.engines.diarization.labelling import Embeddings, Labeller
from stenograf.engines.diarization.linkage import Labels
from stenograf.engines.diarization.reconstruction import count_speakers, reconstruct, turns_of
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    LOCAL_SPEAKERS,
    Activity,
    count_windows,
    decode_powerset,
)
from stenograf.engines.diarization.session import OnnxModel

Mode: TypeAlias = Literal["fast", "reference"]

BATCH_WINDOWS: Final = 16
SEGMENTATION_SHARE: Final = 0.3  # of the time, for progress


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """How windows are laid and read.

    `hop_s` is the step between windows of 10 s; a speaker's silences up to `min_gap_s` are filled.
    `reference` keeps what pyannote.audio does where `fast` improves on it: frames are filled with
    speakers nobody hears. Give it an embedder that works per window, too.
    """

    mode: Mode = "fast"
    hop_s: float = 1.0
    min_gap_s: float = 0.0


DEFAULT: Final = OnnxOptions()


class OnnxDiarizer:
    """Diarizer on segmentation-3.0, any speaker embedding and any clustering of embeddings."""

    name: ClassVar[str] = "onnx"
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
        self._segmentation = OnnxModel(segmentation, input_name="x", n_threads=n_threads)
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
        """Who speaks when; the segmentation finds speech itself, `speech` only rules it out.

        No speech gives no turns, whatever the bounds.
        """
        if not speech:
            return Diarization(())
        activity, embeddings = self.analyse(audio, on_progress=on_progress)
        if not activity.any():
            return Diarization(())
        labels = self._labeller.label(embeddings, activity, options)
        turns = self.turns(
            activity, labels, duration_s=duration_s(audio), max_speakers=options.max_speakers
        )
        return with_enough_speakers(turns, options.min_speakers)

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

    def turns(
        self, activity: Activity, labels: Labels, *, duration_s: float, max_speakers: int | None
    ) -> list[Turn]:
        """Turns of labelled windows; no more than `max_speakers` talk at a time."""
        options = self._options
        count = count_speakers(activity, hop_s=options.hop_s)
        if max_speakers is not None:
            count = np.minimum(count, max_speakers).astype(np.uint8)
        frames = reconstruct(
            activity,
            labels,
            count,
            hop_s=options.hop_s,
            admit_silent=options.mode == "reference",
        )
        return turns_of(frames, duration_s=duration_s, min_gap_s=options.min_gap_s)

    def segment(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> Activity:
        """Who of up to three local speakers talks in each window, (n_windows, 589, 3)."""
        n_windows = count_windows(len(audio), self._hop_samples)
        activity = np.zeros((n_windows, FRAMES_PER_WINDOW, LOCAL_SPEAKERS), dtype=np.bool_)
        edges = [*range(0, n_windows, BATCH_WINDOWS), n_windows]
        for start, end in pairwise(edges):
            batch = [read_window(audio, window, self._hop_samples) for window in range(start, end)]
            activity[start:end] = decode_powerset(self._segmentation(np.stack(batch)[:, None]))
            on_progress(end / n_windows)
        return activity


def with_enough_speakers(turns: Sequence[Turn], min_speakers: int) -> Diarization:
    """The turns with at least that many speakers: the longest turns are halved where too few.

    It happens when fewer voices can be told apart than were asked for; a notice says so.
    """
    n_found = len({turn.speaker for turn in turns})
    if not turns or n_found >= min_speakers:
        return Diarization(tuple(turns))
    split = list(turns)
    for extra in range(n_found, min_speakers):
        longest = max(range(len(split)), key=lambda index: split[index].span.duration)
        span, speaker = split[longest].span, split[longest].speaker
        split[longest] = Turn(Span(span.start, span.middle), speaker, 0.0)
        split.append(Turn(Span(span.middle, span.end), f"extra {extra}", 0.0))
    split.sort(key=lambda turn: turn.span)
    names: dict[str, str] = {}
    for turn in split:
        names.setdefault(turn.speaker, speaker_id(len(names)))
    renamed = tuple(Turn(turn.span, names[turn.speaker], turn.confidence) for turn in split)
    notice = Notice(
        "diarization.too_few_voices",
        "Only {found} voices could be told apart, {wanted} were asked for.",
        hint="Ask for fewer speakers; the turns added to meet the number are arbitrary.",
        details={"found": n_found, "wanted": min_speakers},
    )
    return Diarization(renamed, (notice,))
