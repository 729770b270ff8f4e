"""The command with engines whose models are made on the spot."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stenograf.testing.onnx_speech import write_gigaam_rnnt
from stenograf.testing.whisper_files import make_dims, make_weights, write_ggml

Stenograf = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("make", "options", "engine", "model"),
    [
        (write_gigaam_rnnt, ["--language", "ru"], "onnx", "gigaam-v3"),
        (
            lambda path: write_ggml(path, make_dims(), make_weights(make_dims())),
            ["--language", "ru"],
            "whispercpp",
            "ggml-base",
        ),
    ],
    ids=["onnx", "whispercpp"],
)
def test_what_is_here_is_taken_and_said(
    stenograf: Stenograf,
    models_dir: Path,
    assets: Path,
    make: Callable[[Path], Path],
    options: list[str],
    engine: str,
    model: str,
) -> None:
    """One line names engine, file and reason; the document names the same."""
    path = models_dir / (model if engine == "onnx" else f"{model}.bin")
    make(path)
    clip = assets / "audio/asr/ru/test_sound_ru.wav"
    run = stenograf("transcribe", clip, "--no-diarize", "--offline", "-f", "json", *options)
    assert run.returncode == 0, run.stderr
    assert f"Words come from {engine} with {path}" in run.stderr
    assert f"finished file={clip.name} at=" in run.stderr
    document = json.loads(run.stdout)
    (use,) = [use for use in document["provenance"]["models"] if use["task"] == "recognize"]
    assert (use["engine"], use["model"]) == (engine, model)
    assert "here" in use["reason"]
    assert document["words"]
    assert document["provenance"]["timings"]["total"] > 0
    assert document["provenance"]["real_time_factor"] > 0
