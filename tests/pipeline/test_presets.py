"""Presets: a model and a batch in one word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import click
import pytest

from stenograf.cli.transcribe import transcribe
from stenograf.core.errors import OptionError
from stenograf.models.catalog import entry
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.pipeline.presets import PRESETS, PresetName
from stenograf.testing.fakes import FakeDetector, FakeRecognizer
from stenograf.testing.media import MediaFormat, tone, write_media


@pytest.mark.parametrize(
    ("name", "model", "batch_size"),
    [("speed", "tiny", 16), ("balanced", "small", 16), ("quality", "medium", 8)],
)
def test_presets_are_the_documented_ones(name: PresetName, model: str, batch_size: int) -> None:
    """Model and batch as promised, and greedy decoding."""
    options = TranscribeOptions(preset=name)
    assert (options.model, options.batch_size, options.beam_size) == (model, batch_size, 1)
    assert options.recognition.batch_size == batch_size
    assert entry(model).engine == "faster-whisper"


def test_a_preset_does_not_hide_a_wrong_value() -> None:
    """No blocks at all is refused, not replaced by the preset's number."""
    with pytest.raises(OptionError):
        TranscribeOptions(preset="speed", batch_size=0)


@pytest.mark.parametrize(
    "change",
    [{"model": "large-v3"}, {"batch_size": 1}, {"beam_size": 5}, {"compute_type": "float32"}],
    ids=lambda change: next(iter(change)),
)
def test_every_value_can_be_overridden(change: dict[str, Any]) -> None:
    """What the caller names wins over the preset, and the rest of the preset stays."""
    plain = TranscribeOptions(preset="balanced")
    changed = TranscribeOptions(preset="balanced", **change)
    assert changed == replace(plain, **change)
    assert changed != plain


def test_without_a_preset_nothing_is_filled_in() -> None:
    """The engine decides, as before."""
    assert TranscribeOptions().model is None
    assert TranscribeOptions().batch_size is None


def test_unknown_preset_is_refused_with_those_there_are() -> None:
    """A typing error is named, not ignored."""
    with pytest.raises(OptionError, match="fastest") as caught:
        TranscribeOptions(preset="fastest")  # type: ignore[arg-type]
    assert "balanced" in caught.value.advice


def test_the_document_records_preset_and_values(tmp_path: Any) -> None:
    """Enough to make it again, also after a preset has changed."""
    wav = MediaFormat("wav", "wav", "pcm_s16le")
    path = write_media(tmp_path / "a.wav", tone(1.0), wav)
    pipeline = Pipeline(FakeDetector(), FakeRecognizer())
    document = pipeline.run(path, TranscribeOptions(preset="quality", batch_size=2))
    assert document.provenance is not None
    recorded = document.provenance.options
    assert (recorded["preset"], recorded["model"], recorded["batch_size"]) == (
        "quality",
        "medium",
        2,
    )


def test_the_command_line_offers_each_preset() -> None:
    """Python and the command line name the same presets."""
    (option,) = [p for p in transcribe.params if p.name == "preset"]
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == tuple(PRESETS) == get_args(PresetName)
