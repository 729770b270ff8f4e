"""Opens a model as its runtime would: `python -m stenograf.models.loading FORM PATH`.

Run in a process of its own, because runtimes end the whole process on some damaged files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast, get_args

from stenograf.core.errors import ModelInvalidError, StenografError
from stenograf.core.telemetry import switch_off_telemetry
from stenograf.models.forms import Form


def load(form: Form, path: Path) -> None:
    """Raise whatever is wrong with the model, or return."""
    if form == "ctranslate2":
        _load_ctranslate2(path)
    elif form == "onnx":
        for file in [path] if path.is_file() else sorted(path.rglob("*.onnx")):
            _load_onnx(file)
    if form in ("onnx", "npz", "pipeline"):
        for file in sorted(path.rglob("*.npz")) if path.is_dir() else []:
            _load_arrays(file)
    if form in ("openai", "torch", "pipeline"):
        files = [path] if path.is_file() else [*path.rglob("*.bin"), *path.rglob("*.pt")]
        for file in files:
            _load_checkpoint(form, file)
    if form == "ggml":
        _load_ggml(path)


def _load_ctranslate2(path: Path) -> None:
    import ctranslate2
    from tokenizers import Tokenizer

    ctranslate2.models.Whisper(str(path), device="cpu")
    Tokenizer.from_file(str(path / "tokenizer.json"))


def _load_onnx(file: Path) -> None:
    switch_off_telemetry()
    import onnxruntime

    onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])


def _load_arrays(file: Path) -> None:
    import numpy as np

    with np.load(file, allow_pickle=False) as arrays:
        for name in arrays.files:
            arrays[name]


def _load_checkpoint(form: Form, file: Path) -> None:
    from stenograf.models.checkpoint import read_checkpoint, read_weights
    from stenograf.models.convert.expected import require_shapes
    from stenograf.models.convert.whisper_dims import WhisperDims

    weights = read_weights(file, "model_state_dict", "state_dict", "model_state")
    if form == "openai":
        dims = WhisperDims.of(read_checkpoint(file)["dims"])
        require_shapes(weights, dims.shapes(), model="Whisper")
    for name in weights:
        weights[name]


def _load_ggml(path: Path) -> None:
    from stenograf.models.convert.ggml import read_ggml

    try:
        read_ggml(path)
    except ModelInvalidError as fault:
        if "quantised" not in str(fault):  # its tensors have types that only whisper.cpp reads
            raise


def main() -> int:
    """Exit with 0 if the model opens, else with 1 and the reason on standard error."""
    form, path = sys.argv[1:3]
    if form not in get_args(Form):
        return 2
    try:
        load(cast("Form", form), Path(path))
    except (StenografError, ImportError, RuntimeError, ValueError, OSError, KeyError) as fault:
        sys.stderr.write(str(fault).strip().replace("\n", " ") + "\n")
        return 1
    except Exception as fault:  # noqa: BLE001 - runtimes raise classes of their own
        sys.stderr.write(f"{type(fault).__name__}: {fault}".replace("\n", " ") + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
