"""Which model an ONNX folder holds, and its opening through onnx-asr, with every fault named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import EngineUnavailableError, ModelInvalidError, ModelMissingError
from stenograf.core.telemetry import switch_off_telemetry
from stenograf.engines.onnx_session import runtime_errors


class _Kind(NamedTuple):
    """A kind of model: onnx-asr's name for it, and the file that tells it, without its ending."""

    name: str
    file: str


_KINDS: Final = (
    _Kind("gigaam-v3-e2e-rnnt", "v3_e2e_rnnt_encoder"),
    _Kind("gigaam-v3-e2e-ctc", "v3_e2e_ctc"),
    _Kind("gigaam-v3-rnnt", "v?_rnnt_encoder"),
    _Kind("gigaam-v3-ctc", "v?_ctc"),
    _Kind("vosk", "*/encoder"),
    _Kind("nemo-conformer-tdt", "encoder-model"),
    _Kind("nemo-conformer-ctc", "model"),
)
_NEMO: Final = ("nemo-conformer-tdt", "nemo-conformer-rnnt", "nemo-conformer-ctc")


def load_folder(weights: Path, *, device: str, n_threads: int) -> Any:
    """An onnx-asr model that gives tokens with their times, read from the folder alone."""
    kind, quantization = _told_by_files(weights)
    switch_off_telemetry()
    try:
        import onnx_asr
    except ImportError as error:
        raise EngineUnavailableError(
            "The package onnx-asr is not installed.",
            hint=INSTALL_EXTRA,
            extra=with_extra("onnx-asr"),
        ) from error
    try:
        model = onnx_asr.load_model(
            kind,
            weights,
            quantization=quantization,
            sess_options=_settings(n_threads),
            providers=_providers(device),
        )
    except runtime_errors(ValueError, OSError, LookupError, AssertionError) as error:
        raise ModelInvalidError(
            "The model in {path} cannot be loaded: {reason}",
            path=str(weights),
            reason=(str(error) or type(error).__name__).splitlines()[0],
        ) from error
    return model.with_timestamps()


def _told_by_files(weights: Path) -> tuple[str, str | None]:
    """onnx-asr's name of the kind and of the quantization; the smaller weights where both lie."""
    if not weights.exists():
        raise ModelMissingError("There is no model at {path}.", path=str(weights))
    for kind in _KINDS:
        small = any(weights.glob(f"{kind.file}?int8.onnx"))
        if small or any(weights.glob(f"{kind.file}.onnx")):
            return _by_configuration(kind.name, weights), "int8" if small else None
    raise ModelInvalidError(
        "{path} holds no speech model of a kind that onnx-asr reads.",
        path=str(weights),
        hint="Give the folder of GigaAM, Parakeet, FastConformer or Vosk in ONNX form.",
    )


def _by_configuration(name: str, weights: Path) -> str:
    """NeMo's models share their files' names; their configuration says which one it is."""
    file = weights / "config.json"
    if name not in _NEMO or not file.is_file():
        return name
    try:
        said = json.loads(file.read_text(encoding="utf-8")).get("model_type")
    except (ValueError, AttributeError) as error:
        raise ModelInvalidError("{path} is damaged.", path=str(file)) from error
    return said if said in _NEMO else name


def _settings(n_threads: int) -> Any:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = n_threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 4
    return settings


def _providers(device: str) -> list[str]:
    import onnxruntime

    has_gpu = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    if device == "cuda" and not has_gpu:
        raise EngineUnavailableError(
            "The device {device} cannot be used: {reason}",
            device=device,
            reason="this onnxruntime has no CUDA",
            hint="Use the device cpu, or install onnxruntime-gpu instead of onnxruntime.",
        )
    gpu = ["CUDAExecutionProvider"] if has_gpu and device in ("auto", "cuda") else []
    return [*gpu, "CPUExecutionProvider"]
