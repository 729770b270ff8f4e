"""The GE2E speaker encoder (Wan et al. 2018, arXiv 1710.10467) on onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.features import N_MELS, Mels
from stenograf.core.errors import EngineFailedError, ModelInvalidError
from stenograf.core.waveform import Waveform
from stenograf.engines.diarization.channel import (
    Channel,
    levelled,
    measure_channel,
    mels_between,
)
from stenograf.engines.diarization.windows import WINDOW_FRAMES, Stretch, Window
from stenograf.engines.onnx_session import open_session

N_DIMENSIONS: Final = 256
SAME_VOICE_DISTANCE: Final = 0.33
"""Mean cosine distance below which two groups of windows are one voice.

It belongs to these weights and to the cleaned spectrum: 0.29 to 0.33 gave 18 to 19 % DER on 21
meetings of 2 to 8 speakers built from LibriSpeech train-clean and three AMI excerpts, 19.6 at 0.34.
The upper end, because those voices come from one clip each and vary less than people do; there the
number of speakers was right most often.
"""
BATCH_WINDOWS: Final = 64
Embeddings = NDArray[np.float32]
"""Unit vectors, shape (n_windows, N_DIMENSIONS)."""


class Ge2eEncoder:
    """Turns windows of speech into voices; the spectrogram is that of one batch at a time."""

    def __init__(self, weights: Path, *, n_threads: int = 0) -> None:
        self._session = _open_session(weights, n_threads)

    def embed(
        self, audio: Waveform, parts: Sequence[Stretch], windows: Sequence[Window]
    ) -> Iterator[Embeddings]:
        """Embeddings of `windows` in order, some at a time, without the recording's channel."""
        channel = measure_channel(audio, parts)
        for start in range(0, len(windows), BATCH_WINDOWS):
            batch = windows[start : start + BATCH_WINDOWS]
            yield self._run(np.stack(list(_window_mels(audio, batch, channel))))

    def _run(self, mels: NDArray[np.float32]) -> Embeddings:
        """Mels (n_windows, WINDOW_FRAMES, N_MELS) to unit vectors."""
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        try:
            (vectors,) = self._session.run(["embedding"], {"mels": mels})
        except (errors.Fail, errors.RuntimeException, errors.InvalidArgument) as error:
            raise EngineFailedError(
                "The speaker encoder failed: {reason}", reason=str(error)
            ) from error
        # A window without any feature has the zero vector, which the network divides by its length.
        embeddings: Embeddings = np.nan_to_num(vectors)
        return embeddings


def _window_mels(audio: Waveform, windows: Sequence[Window], channel: Channel) -> Iterator[Mels]:
    """One spectrogram (WINDOW_FRAMES, N_MELS) per window; a short one is repeated to fill it."""
    first = 0
    while first < len(windows):
        last = first
        while last + 1 < len(windows) and windows[last + 1].stretch == windows[first].stretch:
            last += 1
        start = windows[first].start
        mels = channel.clean(mels_between(audio, start, windows[last].end))
        for window in windows[first : last + 1]:
            own = mels[window.start - start : window.end - start]  # (n_frames, N_MELS)
            yield np.resize(levelled(own), (WINDOW_FRAMES, N_MELS))
        first = last + 1


def _open_session(weights: Path, n_threads: int) -> Any:
    session = open_session(weights, n_threads=n_threads)
    inputs = {node.name: node.shape[-1] for node in session.get_inputs()}
    if inputs != {"mels": N_MELS}:
        raise ModelInvalidError(
            "{path} is an ONNX model, but not the GE2E speaker encoder.", path=str(weights)
        )
    return session
