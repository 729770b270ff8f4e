"""ONNX models of the diarizers on onnxruntime, with its errors in our words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import EngineFailedError, ModelInvalidError, ModelMissingError


class OnnxModel:
    """One network with one float32 input and one float32 output."""

    def __init__(self, weights: Path, *, input_name: str, n_threads: int) -> None:
        self._session = _open(weights, n_threads)
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


def _open(weights: Path, n_threads: int) -> Any:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    if not weights.is_file():
        raise ModelMissingError("There is no diarization model at {path}.", path=str(weights))
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = n_threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
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
