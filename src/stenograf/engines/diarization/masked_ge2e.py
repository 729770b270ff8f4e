"""The GE2E speaker encoder on what one local speaker says in one window."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.features import FRAMES_PER_SECOND, HOP_LENGTH, N_MELS, mel_spectrogram
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import Waveform
from stenograf.engines.diarization.channel import (
    MARGIN_SAMPLES,
    Channel,
    levelled,
    measure_channel,
)
from stenograf.engines.diarization.embedding import read_padded, voice_masks
from stenograf.engines.diarization.labelling import Embeddings
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    LOCAL_SPEAKERS,
    WINDOW_SAMPLES,
    Activity,
)
from stenograf.engines.diarization.session import OnnxModel
from stenograf.engines.diarization.windows import Stretch

N_DIMENSIONS: Final = 256
PART_FRAMES: Final = 160  # 1.6 s, as the encoder was trained
LEVEL_DBFS: Final = -30.0
MEL_FRAMES: Final = WINDOW_SAMPLES // HOP_LENGTH
MIN_CLEAN_FRAMES: Final = FRAMES_PER_WINDOW // 25  # 0.4 s alone says more than all with overlap
BATCH_VOICES: Final = 16

_ACTIVITY_OF_MEL: Final = np.arange(MEL_FRAMES) * FRAMES_PER_WINDOW // MEL_FRAMES


class MaskedGe2eEmbedder:
    """SpeakerEmbedder of GE2E: a voice's frames joined, in parts of 1.6 s, the mean of them.

    `clean` takes noise and channel out of the spectra, as `basic` does: a telephone line or a far
    microphone makes all voices alike.
    """

    model: ClassVar[str] = "ge2e"

    def __init__(self, weights: Path, *, n_threads: int, clean: bool = True) -> None:
        self._clean = clean
        self._encoder = OnnxModel(weights, input_name="mels", n_threads=n_threads)

    def embed(
        self,
        audio: Waveform,
        activity: Activity,
        *,
        hop_samples: int,
        on_progress: OnProgress = ignore_progress,
    ) -> Embeddings:
        """One vector per window and local speaker, (n_windows, 3, d); NaN where nobody spoke."""
        shape = (len(activity), LOCAL_SPEAKERS, N_DIMENSIONS)
        embeddings = np.full(shape, np.nan, dtype=np.float32)
        channel = measure_channel(audio, _spoken(activity, hop_samples)) if self._clean else None
        voices = _voices(audio, activity, hop_samples, channel)
        while batch := list(islice(voices, BATCH_VOICES)):
            windows, locals_, parts = zip(*batch, strict=True)
            vectors = np.nan_to_num(self._encoder(np.concatenate(parts)))
            ends = np.cumsum([len(part) for part in parts])[:-1]
            for window, local, own in zip(windows, locals_, np.split(vectors, ends), strict=True):
                mean = own.mean(axis=0)
                embeddings[window, local] = mean / max(float(np.linalg.norm(mean)), 1e-9)
            on_progress((windows[-1] + 1) / len(activity))
        on_progress(1.0)
        return embeddings


def _voices(
    audio: Waveform, activity: Activity, hop_samples: int, channel: Channel | None
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Window, local speaker and the parts (n_parts, PART_FRAMES, N_MELS) that describe them."""
    for window in np.flatnonzero(activity.any(axis=(1, 2))):
        mels, energy = _window_features(audio, int(window) * hop_samples)
        masks = voice_masks(activity[window], min_clean_frames=MIN_CLEAN_FRAMES)
        for local in np.flatnonzero(masks.any(axis=0)):
            frames = masks[_ACTIVITY_OF_MEL, local]
            own = mels[frames]
            levelled_mels = (
                own * _gain(energy[frames]) if channel is None else levelled(channel.clean(own))
            )
            yield int(window), int(local), _parts(levelled_mels)


def _spoken(activity: Activity, hop_samples: int) -> list[Stretch]:
    """Where anybody speaks, from windows that do not overlap, for measuring the channel."""
    stride = max(1, WINDOW_SAMPLES // hop_samples)
    found = []
    for window in range(0, len(activity), stride):
        first = window * hop_samples // HOP_LENGTH
        spoken = activity[window].any(axis=1)[_ACTIVITY_OF_MEL]
        edges = np.flatnonzero(np.diff(spoken, prepend=False, append=False)) + first
        for start, end in edges.reshape(-1, 2).tolist():
            span = Span(start / FRAMES_PER_SECOND, end / FRAMES_PER_SECOND)
            found.append(Stretch(start, end, span))
    return found


def _window_features(
    audio: Waveform, start: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mels (MEL_FRAMES, N_MELS) and mean square (MEL_FRAMES,) of a window, on its own clock."""
    margin = min(start, MARGIN_SAMPLES)
    samples = read_padded(audio, start - margin, margin + WINDOW_SAMPLES + MARGIN_SAMPLES)
    first = margin // HOP_LENGTH
    mels = mel_spectrogram(samples)[first : first + MEL_FRAMES]
    frames = samples[margin : margin + WINDOW_SAMPLES].reshape(MEL_FRAMES, HOP_LENGTH)
    return mels, np.square(frames).mean(axis=1)


def _gain(energy: NDArray[np.float32]) -> np.float32:
    """The factor of power that brings a voice to LEVEL_DBFS; 1 for digital silence."""
    level = float(energy.mean())
    return np.float32(10 ** (LEVEL_DBFS / 10) / level if level > 0 else 1.0)


def _parts(mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Frames of one voice cut into parts, evenly spread; too few are repeated to fill one."""
    if len(mels) <= PART_FRAMES:
        return np.resize(mels, (1, PART_FRAMES, N_MELS))
    n_parts = -(-len(mels) // PART_FRAMES)
    starts = np.linspace(0, len(mels) - PART_FRAMES, n_parts).astype(np.int_)
    return np.stack([mels[start : start + PART_FRAMES] for start in starts])
