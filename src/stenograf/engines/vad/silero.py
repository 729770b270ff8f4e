"""Silero voice activity detection on onnxruntime, reading the recording slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import EngineFailedError, ModelInvalidError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s
from stenograf.engines.onnx_session import open_session
from stenograf.engines.vad.hysteresis import Probabilities, VadOptions, speech_spans

FRAME_SAMPLES = 512  # 32 ms, fixed by the network
CONTEXT_SAMPLES = 64  # tail of the frame before, which the network sees again
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ
SLICE_FRAMES = 64  # 2 s per run: fits the cache, measured fastest by benchmarks/vad.py
STATE_SHAPE = (1, 1, 128)


class SileroDetector:
    """VoiceDetector on the Silero v6 network.

    The state of the recurrent layer travels from slice to slice, so the result equals a single
    run over the whole recording while memory stays that of one slice.
    """

    def __init__(
        self, weights: Path, *, options: VadOptions | None = None, n_threads: int = 1
    ) -> None:
        self._session = _open_session(weights, n_threads)
        self._options = options or VadOptions()

    def detect(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> list[Span]:
        """Sorted, disjoint spans of speech inside the recording; empty when nobody speaks."""
        return speech_spans(
            self.probabilities(audio, on_progress=on_progress),
            frame_s=FRAME_S,
            duration=duration_s(audio),
            options=self._options,
        )

    def probabilities(
        self, audio: Waveform, *, on_progress: OnProgress = ignore_progress
    ) -> Probabilities:
        """Probability of speech for each started 32 ms frame, shape (n_frames,)."""
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        n_frames = -(-len(audio) // FRAME_SAMPLES)
        result = np.empty(n_frames, dtype=np.float32)
        state = np.zeros(STATE_SHAPE, dtype=np.float32)
        cell = np.zeros(STATE_SHAPE, dtype=np.float32)
        done = 0
        for frames in _framed(audio):
            try:
                part, state, cell = self._session.run(
                    ("speech_probs", "hn", "cn"), {"input": frames, "h": state, "c": cell}
                )
            except (errors.Fail, errors.RuntimeException, errors.InvalidArgument) as error:
                raise EngineFailedError(
                    "Voice activity detection failed: {reason}", reason=str(error)
                ) from error
            result[done : done + len(frames)] = part.reshape(-1)
            done += len(frames)
            on_progress(done / n_frames)
        return result


def _framed(audio: Waveform) -> Iterator[NDArray[np.float32]]:
    """Slices of shape (n_frames, context + frame); silence stands in before and after the sound."""
    slice_samples = SLICE_FRAMES * FRAME_SAMPLES
    context = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)
    for start in range(0, len(audio), slice_samples):
        samples = audio[start : min(start + slice_samples, len(audio))]
        n_frames = -(-len(samples) // FRAME_SAMPLES)
        padded = np.zeros(CONTEXT_SAMPLES + n_frames * FRAME_SAMPLES, dtype=np.float32)
        padded[:CONTEXT_SAMPLES] = context
        padded[CONTEXT_SAMPLES : CONTEXT_SAMPLES + len(samples)] = samples
        context = padded[-CONTEXT_SAMPLES:].copy()
        windows = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT_SAMPLES + FRAME_SAMPLES)
        yield np.ascontiguousarray(windows[::FRAME_SAMPLES])


def _open_session(weights: Path, n_threads: int) -> Any:
    session = open_session(weights, n_threads=n_threads)
    if {node.name for node in session.get_inputs()} != {"input", "h", "c"}:
        raise ModelInvalidError(
            "{path} is an ONNX model, but not Silero voice activity detection v6.",
            path=str(weights),
        )
    return session
