"""ONNX models of the diarizers on onnxruntime, with its errors in our words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import EngineFailedError, ModelInvalidError
from stenograf.engines.onnx_session import open_session


class OnnxModel:
    """One network with one float32 input and one float32 output."""

    def __init__(self, weights: Path, *, input_name: str, n_threads: int) -> None:
        self._session = open_session(weights, n_threads=n_threads, arena=True)
        self._input = input_name
        if [node.name for node in self._session.get_inputs()] != [input_name]:
            raise ModelInvalidError(
                "{path} is an ONNX model, but not one with an input {name}.",
                path=str(weights),
                name=input_name,
            )

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's output for one batch."""
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        try:
            output: NDArray[np.float32] = self._session.run(None, {self._input: x})[0]
        except (errors.Fail, errors.RuntimeException, errors.InvalidArgument) as error:
            raise EngineFailedError("Diarization failed: {reason}", reason=str(error)) from error
        return output
