"""Loading an OpenAI checkpoint into openai-whisper, with every fault named."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import (
    EngineUnavailableError,
    ModelInvalidError,
    ModelMissingError,
    StenografError,
)


def load_checkpoint(weights: Path, *, device: str, compute_type: str | None) -> tuple[Any, bool]:
    """A `whisper.model.Whisper` in evaluation mode, and whether it computes in float16."""
    _check_file(weights)
    torch, whisper = _packages()
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if compute_type not in (None, "float32", "float16") or (compute_type, device) == (
        "float16",
        "cpu",
    ):
        raise EngineUnavailableError(
            "This device ({device}) cannot compute with {compute_type}.",
            device=device,
            compute_type=compute_type,
            hint="Use float32 on a processor, float16 on a GPU.",
        )
    try:
        # An absolute path is never taken for the name of a model to download.
        model = whisper.load_model(str(weights.resolve()), device=device)
    except (RuntimeError, ValueError, LookupError, TypeError, EOFError, AssertionError,
            MemoryError, pickle.UnpicklingError) as error:  # fmt: skip
        raise _translated(error, weights, device) from error
    _follow_audio(model, whisper, weights.stem)
    return model.eval(), compute_type != "float32" and device != "cpu"


def _check_file(weights: Path) -> None:
    if not weights.exists():
        raise ModelMissingError("There is no model at {path}.", path=str(weights))
    if not weights.is_file():
        raise ModelInvalidError(
            "{path} is a folder; openai-whisper needs a .pt file.",
            path=str(weights),
            hint="Give the file, or use the engine faster-whisper for a CTranslate2 folder.",
        )


def _packages() -> tuple[Any, Any]:
    try:
        import torch
        import whisper
    except ImportError as error:
        raise EngineUnavailableError(
            "The package openai-whisper is not installed.",
            hint=INSTALL_EXTRA,
            extra=with_extra("whisper"),
        ) from error
    return torch, whisper


def _follow_audio(model: Any, whisper: Any, name: str) -> None:
    """Tell an official model which of its heads follow the audio: the file does not say it.

    A model of another size under an official name keeps the package's default, half its heads.
    """
    heads = whisper._ALIGNMENT_HEADS.get(name)
    if heads is None:
        return
    try:
        model.set_alignment_heads(heads)
    except RuntimeError:
        return


def _translated(error: Exception, weights: Path, device: str) -> StenografError:
    reason = (str(error) or type(error).__name__).strip().splitlines()[0]
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
