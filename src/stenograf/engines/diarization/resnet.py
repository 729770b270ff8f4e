"""WeSpeaker's ResNet34 embedding: its trunk once over the recording, or once per window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform
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

DOWNSAMPLING: Final = 8  # fbank frames per trunk frame
TRUNK_HOP_SAMPLES: Final = DOWNSAMPLING * HOP_SAMPLES
TRUNK_FRAMES: Final = 125  # of a window
CONTEXT_FRAMES: Final = 120  # fbank frames on each side: 112 reach the outermost output
MIN_CLEAN_FRAMES: Final = -(-FRAMES_PER_WINDOW * FRAME_SAMPLES // WINDOW_SAMPLES)
CENTRING_FRAMES: Final = 5 * SAMPLE_RATE_HZ // HOP_SAMPLES
"""Half the span over which fbanks are centred: the mean of a window, wherever it lies."""

BLOCK_FRAMES: Final = 250  # trunk frames per run, 20 s


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
        self._trunk = OnnxModel(trunk, input_name="fbank", n_threads=n_threads)
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
    ) -> Iterator[tuple[int, NDArray[np.int_], NDArray[np.float32]]]:
        frames = np.arange(TRUNK_FRAMES) * FRAMES_PER_WINDOW // TRUNK_FRAMES
        for window, masks in _voiced(activity):
            mels = fbank(read_window(audio, window, hop_samples))
            mels -= mels.mean(axis=0)
            features = Features.of(self._trunk(mels[None])[0].T)
            local = np.flatnonzero(masks.any(axis=0))
            weights = masks[frames][:, local].T.astype(np.float32)
            yield window, local, features.pool(weights, slice(None))

    def _block_by_block(
        self, audio: Waveform, activity: Activity, hop_samples: int
    ) -> Iterator[tuple[int, NDArray[np.int_], NDArray[np.float32]]]:
        blocks = _Blocks(self._trunk, audio)
        for window, masks in _voiced(activity):
            first = window * hop_samples / TRUNK_HOP_SAMPLES  # a half frame at odd seconds
            span = slice(int(np.ceil(first)), min(int(np.ceil(first)) + 125, blocks.n_frames))
            position = np.arange(span.start, span.stop) - first
            frames = (position * FRAMES_PER_WINDOW / TRUNK_FRAMES).astype(np.int_)
            weights = masks[np.minimum(frames, FRAMES_PER_WINDOW - 1)].T.astype(np.float32)
            local = np.flatnonzero(weights.any(axis=1))
            if len(local):
                features, inside = blocks.features(span)
                yield window, local, features.pool(weights[local], inside)


class _Blocks:
    """Trunk features of a recording, made block by block as windows move on."""

    def __init__(self, trunk: OnnxModel, audio: Waveform) -> None:
        self._trunk = trunk
        self._audio = audio
        n_mels = max(0, 1 + (len(audio) - FRAME_SAMPLES) // HOP_SAMPLES)
        self.n_mels = n_mels
        self.n_frames = -(-n_mels // DOWNSAMPLING)
        self._first = self._end = 0
        self._kept: Features | None = None

    def features(self, span: slice) -> tuple[Features, slice]:
        """Features that hold the trunk frames of `span`, and where they lie inside."""
        kept = self._kept
        if kept is None or span.stop > self._end:
            kept = self._kept = self._advance(span.start, span.stop)
        return kept, slice(span.start - self._first, span.stop - self._first)

    def _advance(self, start: int, stop: int) -> Features:
        """Lets go of what lies before `start` and computes at least up to `stop`."""
        parts: list[NDArray[np.float32]] = []
        offset = None
        if self._kept is not None:
            offset = self._kept.offset
            if start < self._end:
                parts.append(self._kept.centred[start - self._first :] + offset)
            else:
                self._end = start
        else:
            self._end = start
        while self._end < stop:
            end = min(self._end + BLOCK_FRAMES, self.n_frames)
            parts.append(self._compute(self._end, end))
            self._end = end
        self._first = start
        return Features.of(np.concatenate(parts), offset)

    def _compute(self, start: int, end: int) -> NDArray[np.float32]:
        """Features of the trunk frames [start, end), shape (end - start, n_features)."""
        first = max(0, start * DOWNSAMPLING - CONTEXT_FRAMES)
        last = min(end * DOWNSAMPLING + CONTEXT_FRAMES, self.n_mels)
        mels = self._centred_mels(first, last)
        inside = start - first // DOWNSAMPLING
        features: NDArray[np.float32] = self._trunk(mels[None])[0].T
        return features[inside : inside + end - start]

    def _centred_mels(self, first: int, last: int) -> NDArray[np.float32]:
        """Fbanks of the frames [first, last) less their running mean."""
        low = max(0, first - CENTRING_FRAMES)
        high = min(last + CENTRING_FRAMES, self.n_mels)
        start = low * HOP_SAMPLES
        mels = fbank(self._audio[start : (high - 1) * HOP_SAMPLES + FRAME_SAMPLES])
        sums = np.concatenate([np.zeros((1, mels.shape[1])), mels.cumsum(axis=0, dtype=np.float64)])
        frames = np.arange(first, last)
        left = np.maximum(frames - CENTRING_FRAMES, 0) - low
        right = np.minimum(frames + CENTRING_FRAMES, self.n_mels) - low
        means = (sums[right] - sums[left]) / (right - left)[:, None]
        centred: NDArray[np.float32] = (mels[first - low : last - low] - means).astype(np.float32)
        return centred


def _voiced(activity: Activity) -> Iterator[tuple[int, Masks]]:
    """Windows in which somebody speaks, with the frames that describe each voice (589, 3)."""
    for window in np.flatnonzero(activity.any(axis=(1, 2))):
        yield int(window), voice_masks(activity[window], min_clean_frames=MIN_CLEAN_FRAMES)
