"""Whisper models with random weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.testing.whisper import SHAPES, write_random_whisper


@pytest.mark.e2e
def test_a_model_may_end_by_itself(tmp_path: Path) -> None:
    """It says the given number of tokens, surely, as a trained one would stop."""
    shape = replace(SHAPES["tiny-random"], n_tokens=20)
    ending = FasterWhisperRecognizer(write_random_whisper(tmp_path, size=shape), n_threads=1)
    noise = np.random.default_rng(1).normal(0, 0.1, 20 * 16_000).astype(np.float32)
    words = list(ending.recognize(noise, [Span(0.0, 20.0)], AsrOptions(language="en")).words)
    assert 5 <= len(words) <= 20
    assert np.mean([word.probability or 0.0 for word in words]) > 0.3
