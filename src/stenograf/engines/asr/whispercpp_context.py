"""Opening a ggml file in whisper.cpp, with every fault named."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import EngineUnavailableError, ModelInvalidError
from stenograf.engines.asr.ggml_file import GgmlHeader

ERROR_LEVEL: Final = 4  # GGML_LOG_LEVEL_ERROR
TENSOR_BYTES: Final = 4 * 1500 * 256  # attention of one head: 30 s at 20 ms, a full answer, float32
COPIES: Final = 8  # of all heads' attention that whisper.cpp holds while it finds times
LEAST_BYTES: Final = 128 << 20  # whisper.cpp's own dtw_mem_size
_OFFICIAL: Final = {  # (audio layers, text layers, text heads): OpenAI's name of the size
    (4, 4, 6): "TINY",
    (6, 6, 8): "BASE",
    (12, 12, 12): "SMALL",
    (24, 24, 16): "MEDIUM",
    (32, 32, 20): "LARGE",
    (32, 4, 20): "LARGE_V3_TURBO",
}


def open_context(weights: Path, header: GgmlHeader, *, device: str) -> Any:
    """A `_pywhispercpp.whisper_context` that gives times by attention; the caller frees it.

    The package gives a context for a file that whisper.cpp refused, and using it crashes: only
    the messages of the native code tell.
    """
    try:
        import _pywhispercpp as native
    except ImportError as error:
        raise EngineUnavailableError(
            "The package pywhispercpp is not installed.",
            hint=INSTALL_EXTRA,
            extra=with_extra("whispercpp"),
        ) from error
    said: list[tuple[int, str]] = []
    native.whisper_log_set(lambda level, text, *_: said.append((int(level), text)))
    try:
        context = native.whisper_init_from_file_with_params(
            str(weights), _parameters(native, header, weights, device)
        )
    finally:
        native.whisper_log_set(None)  # a callback that outlives the interpreter crashes it
    errors = [text.strip() for level, text in said if level == ERROR_LEVEL]
    if errors:
        raise ModelInvalidError(
            "The model in {path} cannot be loaded: {reason}", path=str(weights), reason=errors[0]
        )
    if device == "cuda" and any("no GPU found" in text for _, text in said):
        native.whisper_free(context)
        raise EngineUnavailableError(
            "The device {device} cannot be used: {reason}",
            device=device,
            reason="whisper.cpp found no GPU",
            hint="Use the device cpu, or install a pywhispercpp that was built for CUDA.",
        )
    return context


def _parameters(native: Any, header: GgmlHeader, weights: Path, device: str) -> Any:
    parameters = native.whisper_context_default_params()
    parameters.use_gpu = device != "cpu"
    parameters.flash_attn = False  # it hides the attention that times are read from
    parameters.dtw_token_timestamps = True
    name = _preset(header, weights)
    parameters.dtw_aheads_preset = getattr(native, f"WHISPER_AHEADS_{name}")
    n_heads = 24  # the most that a preset has
    if name == "N_TOP_MOST":
        parameters.dtw_n_top = max(1, header.n_text_layer // 2)
        n_heads = parameters.dtw_n_top * header.n_text_head
    parameters.dtw_mem_size = max(LEAST_BYTES, COPIES * n_heads * TENSOR_BYTES)
    return parameters


def _preset(header: GgmlHeader, weights: Path) -> str:
    """Which heads follow the audio: OpenAI's choice for its sizes, else those of the upper half."""
    size = (header.n_audio_layer, header.n_text_layer, header.n_text_head)
    name = _OFFICIAL.get(size, "N_TOP_MOST")
    if name == "LARGE":
        older = "LARGE_V1" if "v1" in weights.stem else "LARGE_V2"
        return "LARGE_V3" if header.n_mels == 128 else older
    if name in ("TINY", "BASE", "SMALL", "MEDIUM") and not header.is_multilingual:
        return f"{name}_EN"
    return name
