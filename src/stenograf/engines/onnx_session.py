"""Opening an ONNX file on onnxruntime, with its errors in our words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.core.telemetry import switch_off_telemetry


def open_session(weights: Path, *, n_threads: int, arena: bool = False) -> Any:
    """An `onnxruntime.InferenceSession` on the processor; `n_threads` 0 leaves that to the runtime.

    The memory `arena` is faster for inputs of one size, and never gives memory back. Raises
    ModelMissingError and ModelInvalidError.
    """
    switch_off_telemetry()
    import onnxruntime

    if not weights.is_file():
        raise ModelMissingError("There is no model at {path}.", path=str(weights))
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = n_threads
    settings.inter_op_num_threads = 1
    settings.enable_cpu_mem_arena = arena
    settings.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            str(weights), sess_options=settings, providers=["CPUExecutionProvider"]
        )
    except runtime_errors() as error:
        raise ModelInvalidError("{path} is not an ONNX model.", path=str(weights)) from error


def runtime_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What onnxruntime raises about a file or while it runs, and others to catch with it."""
    switch_off_telemetry()
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    return (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NotImplemented,
        errors.RuntimeException,
        *others,
    )
