"""The GE2E speaker encoder (Wan et al. 2018, arXiv 1710.10467) on onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.features import (
    BLOCK_FRAMES,
    HOP_LENGTH,
    N_FFT,
    N_MELS,
    Mels,
    mel_spectrogram,
)
from stenograf.core.errors import EngineFailedError, ModelInvalidError, ModelMissingError
from stenograf.core.waveform import Waveform
from stenograf.engines.diarization.windows import WINDOW_FRAMES, Stretch, Window

N_DIMENSIONS: Final = 256
SAME_VOICE_DISTANCE: Final = 0.33
"""Mean cosine distance below which two groups of windows are one voice.

It belongs to these weights: 0.32 to 0.33 gave the least error on 32 meetings of 1 to 8 speakers
built from LibriSpeech train-clean (12.7 and 12.8 % DER; 13.4 at 0.31, 14.5 at 0.34).
"""
LEVEL_DBFS: Final = -30.0  # the loudness that Resemblyzer trained on
BATCH_WINDOWS: Final = 64
MARGIN_SAMPLES: Final = -(-(N_FFT // 2) // HOP_LENGTH) * HOP_LENGTH  # whole hops

Embeddings = NDArray[np.float32]
"""Unit vectors, shape (n_windows, N_DIMENSIONS)."""


class Ge2eEncoder:
    """Turns windows of speech into voices; the spectrogram is that of one batch at a time."""

    def __init__(self, weights: Path, *, n_threads: int = 0) -> None:
        self._session = _open_session(weights, n_threads)

    def embed(
        self, audio: Waveform, parts: Sequence[Stretch], windows: Sequence[Window]
    ) -> Iterator[Embeddings]:
        """Embeddings of `windows` in order, some at a time; all speech together sets the level."""
        gain = _gain(audio, parts)
        for start in range(0, len(windows), BATCH_WINDOWS):
            batch = windows[start : start + BATCH_WINDOWS]
            yield self._run(np.stack(list(_window_mels(audio, batch))) * np.float32(gain**2))

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


def _window_mels(audio: Waveform, windows: Sequence[Window]) -> Iterator[Mels]:
    """One spectrogram (WINDOW_FRAMES, N_MELS) per window; a short one is repeated to fill it."""
    first = 0
    while first < len(windows):
        last = first
        while last + 1 < len(windows) and windows[last + 1].stretch == windows[first].stretch:
            last += 1
        start = windows[first].start
        mels = _mels_between(audio, start, windows[last].end)
        for window in windows[first : last + 1]:
            own = mels[window.start - start : window.end - start]  # (n_frames, N_MELS)
            yield np.resize(own, (WINDOW_FRAMES, N_MELS))
        first = last + 1


def _mels_between(audio: Waveform, start: int, end: int) -> Mels:
    """Frames [start, end) of the recording's own spectrogram."""
    margin = min(start * HOP_LENGTH, MARGIN_SAMPLES)
    begin = start * HOP_LENGTH - margin
    samples = audio[begin : min(end * HOP_LENGTH + MARGIN_SAMPLES, len(audio))]
    skipped = margin // HOP_LENGTH
    mels = mel_spectrogram(samples)[skipped : skipped + end - start]
    # The recording may end within the last frame's hop.
    return np.pad(mels, ((0, end - start - len(mels)), (0, 0)))


def _gain(audio: Waveform, parts: Sequence[Stretch]) -> float:
    """The factor that brings the speech to LEVEL_DBFS; 1 for digital silence."""
    energy, n_samples = 0.0, 0
    for part in parts:
        for start in range(part.start, part.end, BLOCK_FRAMES):
            end = min(start + BLOCK_FRAMES, part.end) * HOP_LENGTH
            samples = audio[start * HOP_LENGTH : min(end, len(audio))]
            energy += float(np.dot(samples, samples))
            n_samples += len(samples)
    level = float(10 ** (LEVEL_DBFS / 20))
    return level / float(np.sqrt(energy / n_samples)) if energy > 0.0 else 1.0


def _open_session(weights: Path, n_threads: int) -> Any:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    if not weights.is_file():
        raise ModelMissingError("There is no speaker encoder at {path}.", path=str(weights))
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = n_threads
    settings.inter_op_num_threads = 1
    settings.enable_cpu_mem_arena = False  # the arena never gives memory back
    settings.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            str(weights), sess_options=settings, providers=["CPUExecutionProvider"]
        )
    except (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NotImplemented,
        errors.RuntimeException,
    ) as error:
        raise ModelInvalidError("{path} is not an ONNX model.", path=str(weights)) from error
    inputs = {node.name: node.shape[-1] for node in session.get_inputs()}
    if inputs != {"mels": N_MELS}:
        raise ModelInvalidError(
            "{path} is an ONNX model, but not the GE2E speaker encoder.", path=str(weights)
        )
    return session
