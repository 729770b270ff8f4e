"""What the diarizer asks of a speaker embedding, and which frames an embedding is made of."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.diarization.labelling import Embeddings
from stenograf.engines.diarization.segmentation import (
    WINDOW_SAMPLES,
    Activity,
    clean_activity,
)

Masks: TypeAlias = NDArray[np.bool_]


class SpeakerEmbedder(Protocol):
    """Describes the voice of each local speaker of each window; `model` names the network."""

    model: ClassVar[str]

    def embed(
        self,
        audio: Waveform,
        activity: Activity,
        *,
        hop_samples: int,
        on_progress: OnProgress = ignore_progress,
    ) -> Embeddings:
        """One vector per window and local speaker, (n_windows, 3, d); NaN where nobody spoke."""
        ...


def voice_masks(activity: Activity, *, min_clean_frames: int) -> Masks:
    """The frames that describe a voice, same shape: what is said alone, if that is enough.

    A speaker with no more than `min_clean_frames` alone is described by all that they say.
    """
    clean = clean_activity(activity)
    enough = clean.sum(axis=-2, keepdims=True) > min_clean_frames
    return np.where(enough, clean, activity)


def read_padded(audio: Waveform, start: int, n_samples: int) -> Samples:
    """Samples from `start` on, with silence after the end; shape (n_samples,)."""
    samples = audio[start : min(start + n_samples, len(audio))]
    if len(samples) == n_samples:
        return samples
    return np.pad(samples, (0, n_samples - len(samples)))


def read_window(audio: Waveform, window: int, hop_samples: int) -> Samples:
    """The samples of a window, padded with silence, shape (WINDOW_SAMPLES,)."""
    return read_padded(audio, window * hop_samples, WINDOW_SAMPLES)
