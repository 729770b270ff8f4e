"""Weights that arrive inside Python packages, so that something always works without a hub."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from stenograf.core.errors import ModelMissingError


def silero_weights() -> Path:
    """Silero voice activity detection as ONNX, from the faster-whisper package."""
    return _inside("faster_whisper", "assets/silero_vad_*.onnx", install="faster-whisper")


def pocketsphinx_weights() -> Path:
    """The folder of PocketSphinx's American English model, from its own package."""
    return _inside("pocketsphinx", "model/en-us", install="pocketsphinx")


def _inside(package: str, pattern: str, *, install: str) -> Path:
    """The newest match of `pattern` in a package's folder, found without importing the package."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    matches = [path for folder in folders or () for path in Path(folder).glob(pattern)]
    if not matches:
        raise ModelMissingError(
            "The package {package} is not installed, or its model files were left out.",
            hint="Run: pip install --force-reinstall '{install}'",
            package=package,
            install=install,
        )
    return max(matches)
