"""Whisper models with random weights, whose decoding wanders instead of repeating itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stenograf.models.convert.whisper_dims import WhisperDims
from stenograf.testing import whisper_files
from stenograf.testing.whisper_files import Weights


@pytest.fixture(scope="session")
def make_dims() -> Callable[..., WhisperDims]:
    return whisper_files.make_dims


@pytest.fixture(scope="session")
def make_weights() -> Callable[[WhisperDims], Weights]:
    return whisper_files.make_weights


@pytest.fixture(scope="session")
def save_pt() -> Callable[[Path, WhisperDims, Weights], Path]:
    return whisper_files.write_pt


@pytest.fixture(scope="session")
def save_ggml() -> Callable[..., Path]:
    return whisper_files.write_ggml
