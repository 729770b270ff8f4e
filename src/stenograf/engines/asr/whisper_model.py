"""Loading a CTranslate2 Whisper folder, with every fault named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stenograf.core.errors import EngineUnavailableError, ModelInvalidError, ModelMissingError

SMALLEST_VOCABULARY = 51_864  # the English-only models'


def load_whisper(weights: Path, *, device: str, compute_type: str | None, n_threads: int) -> Any:
    """A `faster_whisper.WhisperModel` that needs no network.

    A model converted without preprocessor_config.json still gets the mel bands it was trained on.
    """
    check_folder(weights)
    from faster_whisper import WhisperModel
    from faster_whisper.feature_extractor import FeatureExtractor

    try:
        model = WhisperModel(
            str(weights),
            device=device,
            compute_type=compute_type or fitting_compute_type(device),
            cpu_threads=n_threads,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, MemoryError) as error:
        raise translated(error, weights, device, compute_type) from error
    if model.feature_extractor.mel_filters.shape[0] != model.model.n_mels:
        model.feature_extractor = FeatureExtractor(feature_size=model.model.n_mels)
    return model


def fitting_compute_type(device: str) -> str:
    """int8 on a processor, float16 on a GPU."""
    return "float16" if device != "cpu" and has_gpu() else "int8"


def has_gpu() -> bool:
    """Whether CTranslate2 sees a GPU."""
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count() > 0)


def check_folder(weights: Path) -> None:
    """The faults that the runtime would hide behind a download or a bare exception."""
    if not weights.exists():
        raise ModelMissingError("There is no model at {path}.", path=str(weights))
    if not weights.is_dir():
        raise ModelInvalidError(
            "{path} is a file; faster-whisper needs a folder with model.bin.",
            path=str(weights),
            hint="Convert an OpenAI checkpoint (.pt) first, or give the folder.",
        )
    missing = [name for name in ("model.bin", "tokenizer.json") if not (weights / name).is_file()]
    if not any(weights.glob("vocabulary.*")):
        missing.append("vocabulary.json")
    if missing:
        raise ModelInvalidError(
            "The model folder {path} lacks {missing}.",
            path=str(weights),
            missing=", ".join(missing),
        )
    _check_tokenizer(weights / "tokenizer.json")
    _check_vocabulary(next(weights.glob("vocabulary.*")))


def _check_tokenizer(path: Path) -> None:
    """`tokenizers` raises a bare Exception on anything but its own format, so look first."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        added = {token["content"] for token in document["added_tokens"]}
        usable = isinstance(document["model"]["vocab"], dict)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelInvalidError("{path} is damaged.", path=str(path)) from error
    if not usable or "<|startoftranscript|>" not in added:
        raise ModelInvalidError("{path} belongs to another kind of model.", path=str(path))


def _check_vocabulary(path: Path) -> None:
    """CTranslate2 takes a vocabulary of any length, and then knows no language and no end."""
    try:
        text = path.read_text(encoding="utf-8")
        tokens = json.loads(text) if path.suffix == ".json" else text.split("\n")
    except ValueError as error:
        raise ModelInvalidError("{path} is damaged.", path=str(path)) from error
    if not isinstance(tokens, list) or len(tokens) < SMALLEST_VOCABULARY:
        raise ModelInvalidError("{path} belongs to another kind of model.", path=str(path))


def translated(
    error: Exception, weights: Path, device: str, compute_type: str | None
) -> ModelInvalidError | EngineUnavailableError:
    """What CTranslate2 says about a model or a device, in our words."""
    reason = str(error) or type(error).__name__
    if "compute type" in reason:
        return EngineUnavailableError(
            "This device ({device}) cannot compute with {compute_type}.",
            device=device,
            compute_type=compute_type,
            hint="Use int8 or float32 on a processor, float16 on a GPU.",
        )
    if "CUDA" in reason or "device" in reason:
        return EngineUnavailableError(
            "The device {device} cannot be used: {reason}",
            device=device,
            reason=reason,
            hint="Use the device cpu, or install the driver and CUDA libraries.",
        )
    return ModelInvalidError(
        "The model in {path} cannot be loaded: {reason}", path=str(weights), reason=reason
    )
