"""WeSpeaker's ResNet34 embedding: its trunk once over the recording, or once per window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.diarization.blocks import (
    DOWNSAMPLING,
    WINDOW_FRAMES,
    Block,
    count_mels,
    read_blocks,
)
from stenograf.engines.diarization.embedding import Masks, read_window, voice_masks
from stenograf.engines.diarization.fbank import FRAME_SAMPLES, HOP_SAMPLES, fbank
from stenograf.engines.diarization.labelling import Embeddings
from stenograf.engines.diarization.pooling import Features, load_head
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    LOCAL_SPEAKERS,
    WINDOW_SAMPLES,
    Activity,
)
from stenograf.engines.diarization.session import OnnxModel
from stenograf.engines.diarization.side_by_side import side_by_side, workers_of

MIN_CLEAN_FRAMES: Final = -(-FRAMES_PER_WINDOW * FRAME_SAMPLES // WINDOW_SAMPLES)

Pooled: TypeAlias = tuple[int, NDArray[np.int_], NDArray[np.float32]]
"""A window, those of its local speakers who are described, and their statistics (n, 5120)."""


class ResNetEmbedder:
    """SpeakerEmbedder of WeSpeaker ResNet34.

    `per_window` computes exactly as pyannote.audio does, running the trunk anew on each window;
    otherwise it runs once, in blocks whose context covers its receptive field, and fbanks are
    centred by a running mean of 10 s.
    """

    model: ClassVar[str] = "wespeaker-resnet34"

    def __init__(
        self, trunk: Path, head: Path, *, n_threads: int, per_window: bool = False
    ) -> None:
        self._n_workers, n_each = workers_of(n_threads)
        self._trunk = OnnxModel(trunk, input_name="fbank", n_threads=n_each)
        self._head = load_head(head)
        self._per_window = per_window

    def embed(
        self,
        audio: Waveform,
        activity: Activity,
        *,
        hop_samples: int,
        on_progress: OnProgress = ignore_progress,
    ) -> Embeddings:
        """One vector per window and local speaker, (n_windows, 3, d); NaN where nobody spoke."""
        shape = (len(activity), LOCAL_SPEAKERS, len(self._head.bias))
        embeddings = np.full(shape, np.nan, dtype=np.float32)
        pooled = self._window_by_window if self._per_window else self._block_by_block
        for window, local, statistics in pooled(audio, activity, hop_samples):
            embeddings[window, local] = self._head(statistics)
            on_progress((window + 1) / len(activity))
        on_progress(1.0)
        return embeddings

    def _window_by_window(
        self, audio: Waveform, activity: Activity, hop_samples: int
    ) -> Iterator[Pooled]:
        frames = np.arange(WINDOW_FRAMES) * FRAMES_PER_WINDOW // WINDOW_FRAMES

        def pooled(item: tuple[int, Masks, Samples]) -> Pooled:
            window, masks, samples = item
            mels = fbank(samples)
            features = Features.of(self._features(mels - mels.mean(axis=0)))
            local = np.flatnonzero(masks.any(axis=0))
            weights = masks[frames][:, local].T.astype(np.float32)
            return window, local, features.pool(weights, slice(None))

        windows = (
            (window, masks, read_window(audio, window, hop_samples))
            for window, masks in _voiced(activity)
        )
        return side_by_side(pooled, windows, n_workers=self._n_workers)

    def _block_by_block(
        self, audio: Waveform, activity: Activity, hop_samples: int
    ) -> Iterator[Pooled]:
        n_frames = -(-count_mels(len(audio)) // DOWNSAMPLING)
        starts = (_position(window, hop_samples)[0] for window in _voiced_windows(activity))
        blocks = read_blocks(audio, starts)
        recent = _Recent(side_by_side(self._of_block, blocks, n_workers=self._n_workers))
        for window, masks in _voiced(activity):
            start, before = _position(window, hop_samples)
            span = slice(start, min(start + WINDOW_FRAMES, n_frames))
            position = np.arange(span.stop - span.start) + before
            frames = (position * FRAMES_PER_WINDOW / WINDOW_FRAMES).astype(np.int_)
            weights = masks[np.minimum(frames, FRAMES_PER_WINDOW - 1)].T.astype(np.float32)
            local = np.flatnonzero(weights.any(axis=1))
            if len(local):
                features, inside = recent.over(span)
                yield window, local, features.pool(weights[local], inside)

    def _of_block(self, block: Block) -> tuple[int, NDArray[np.float32]]:
        """The block's first trunk frame, and its features (n_frames, n_features)."""
        return block.start, block.inside(self._features(block.centred_mels()))

    def _features(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the trunk makes of centred fbanks: (n, 80) to (n / 8, n_features)."""
        features: NDArray[np.float32] = self._trunk(mels[None])[0].T
        return features


class _Recent:
    """The latest trunk features of a recording, taken from its blocks as windows move on."""

    def __init__(self, blocks: Iterator[tuple[int, NDArray[np.float32]]]) -> None:
        self._blocks = blocks
        self._first = self._end = 0
        self._kept: Features | None = None

    def over(self, span: slice) -> tuple[Features, slice]:
        """Features that hold the trunk frames of `span`, and where they lie inside."""
        kept = self._kept
        if kept is None or span.stop > self._end:
            kept = self._kept = self._advance(span.start, span.stop)
        return kept, slice(span.start - self._first, span.stop - self._first)

    def _advance(self, start: int, stop: int) -> Features:
        """Lets go of what lies before `start` and takes blocks at least up to `stop`."""
        parts: list[NDArray[np.float32]] = []
        offset = None
        if self._kept is not None:
            offset = self._kept.offset
            parts.append(self._kept.centred[max(0, start - self._first) :] + offset)
        while self._end < stop:
            first, features = next(self._blocks)
            parts.append(features[max(0, start - first) :])
            self._end = first + len(features)
        self._first = start
        return Features.of(np.concatenate(parts), offset)


def _position(window: int, hop_samples: int) -> tuple[int, float]:
    """A window's first trunk frame, and how much of a frame lies before it: half at odd seconds."""
    exact = window * hop_samples / (DOWNSAMPLING * HOP_SAMPLES)
    first = int(np.ceil(exact))
    return first, first - exact


def _voiced_windows(activity: Activity) -> list[int]:
    """Windows in which somebody speaks."""
    windows: list[int] = np.flatnonzero(activity.any(axis=(1, 2))).tolist()
    return windows


def _voiced(activity: Activity) -> Iterator[tuple[int, Masks]]:
    """Those windows, with the frames that describe each voice (589, 3)."""
    for window in _voiced_windows(activity):
        yield window, voice_masks(activity[window], min_clean_frames=MIN_CLEAN_FRAMES)
