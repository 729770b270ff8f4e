"""Engines as the options want them: here, or in a child."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stenograf.audio.decode import decode
from stenograf.isolation import (
    IsolatedDecoder,
    IsolatedRecognizer,
    Recipe,
    isolated_diarizer,
)
from stenograf.isolation.loaded import LoadedEngines
from stenograf.models import locate
from stenograf.pipeline import Pipeline, TranscribeOptions, ignore_event
from stenograf.settings import Settings
from stenograf.testing.bad_engines import CrashingDiarizer
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.media import MediaFormat, tone, write_media
from stenograf.testing.weights import PIPELINE_FILES, write_files
from stenograf.workshop import Workshop, places_from

HERE = TranscribeOptions(isolate=False)


def test_engines_are_isolated_unless_the_options_say_otherwise() -> None:
    """A child is on its way by default, with the limits of the settings; else none is started."""
    recipe = Recipe.of(FakeRecognizer)
    workshop = Workshop(TranscribeOptions(), Settings(hang_s=60.0), ignore_event)
    isolated = workshop.recognizer(recipe)
    assert isinstance(isolated, IsolatedRecognizer)
    assert isolated.pid is not None
    here = Workshop(HERE, Settings(), ignore_event).recognizer(recipe)
    assert isinstance(here, FakeRecognizer)


def test_recordings_are_decoded_in_a_child_unless_the_options_say_otherwise() -> None:
    """It stays with the engines that are kept; without isolation there is none."""
    keep = LoadedEngines()
    first, second = (Workshop(TranscribeOptions(), Settings(), ignore_event) for _ in range(2))
    assert first.decode(keep) == second.decode(keep) != decode
    assert Workshop(HERE, Settings(), ignore_event).decode(keep) is decode


def test_the_pipeline_does_not_notice(tmp_path: Path) -> None:
    """The same words, turns and language whether engines run here or in children."""
    path = recording(tmp_path)
    here = Pipeline(FakeDetector(), recognizer=FakeRecognizer(), diarizer=FakeDiarizer())
    isolated = replace(
        here,
        decode=IsolatedDecoder().decode,
        recognizer=IsolatedRecognizer(Recipe.of(FakeRecognizer)),
        diarizer=isolated_diarizer(Recipe.of(FakeDiarizer)),
    )
    first, second = (pipeline.run(path, HERE) for pipeline in (here, isolated))
    assert first.words
    assert replace(first, provenance=None) == replace(second, provenance=None)


def test_a_diarizer_that_crashes_costs_the_speakers_and_not_the_words(tmp_path: Path) -> None:
    """The document says why."""
    diarizer = isolated_diarizer(Recipe.of(CrashingDiarizer))
    pipeline = Pipeline(FakeDetector(), recognizer=FakeRecognizer(), diarizer=diarizer)
    document = pipeline.run(recording(tmp_path), HERE)
    assert document.words
    assert [note.details["cause"] for note in document.notices] == ["engine.crashed"]


def recording(folder: Path) -> Path:
    path = folder / "call.wav"
    write_media(path, tone(4.0), MediaFormat("wav", "wav", "pcm_s16le"))
    return path


def test_the_folder_of_the_older_service_is_found_without_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`./models/pyannote`, where its `download_model.py` put the pipeline."""
    monkeypatch.delenv("PYANNOTE_MODEL_PATH", raising=False)
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "models/pyannote", PIPELINE_FILES)
    found = locate("speaker-diarization-3.1", places_from(Settings(_env_file=None)))
    assert found is not None
    assert found.path == Path("models/pyannote")
