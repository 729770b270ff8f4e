"""Engines as the options want them: here, or in a child."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stenograf import workshop
from stenograf.audio.decode import decode
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Recognizer
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.whisper import OpenaiWhisperRecognizer
from stenograf.engines.asr.whispercpp import WhisperCppRecognizer
from stenograf.isolation import (
    IsolatedDecoder,
    IsolatedRecognizer,
    Recipe,
    isolated_diarizer,
)
from stenograf.isolation.loaded import LoadedEngines
from stenograf.isolation.thrift import Request
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
    limited = Workshop(TranscribeOptions(), Settings(hang_s=60.0), ignore_event)
    isolated = limited.recognizer(recipe)
    assert isinstance(isolated, IsolatedRecognizer)
    assert isolated.pid is not None
    here = Workshop(HERE, Settings(), ignore_event).recognizer(recipe)
    assert isinstance(here, FakeRecognizer)


HEAVY = Recipe.of(FasterWhisperRecognizer, Path("small"), device="cuda", compute_type=None)
LIGHT = ["memory.smaller_batch"] * 2 + ["memory.compute_type"] + ["memory.shorter_blocks"] * 2
TORCH = Recipe.of(OpenaiWhisperRecognizer, Path("a.pt"), device="auto", compute_type="float32")


@pytest.mark.parametrize(
    ("recipe", "has_gpu", "batch_size", "codes"),
    [
        (HEAVY, True, None, LIGHT),
        (HEAVY, True, 24, LIGHT),
        (HEAVY.but(compute_type="int8_float16"), True, 8, [*LIGHT[:2], *LIGHT[3:]]),
        (HEAVY.but(device="cpu"), False, None, LIGHT[3:]),
        (HEAVY.but(device="cpu", compute_type="float32"), False, None, LIGHT[2:]),
        (HEAVY.but(device="cpu", batch_size=8), False, None, [*LIGHT[:2], *LIGHT[3:]]),
        (TORCH, True, None, LIGHT),
        (TORCH, False, None, LIGHT[3:]),
        (Recipe.of(WhisperCppRecognizer, Path("a.bin"), device="cpu"), False, None, LIGHT[3:]),
    ],
)
def test_only_less_than_the_engine_takes_is_tried_when_memory_does_not_suffice(
    monkeypatch: pytest.MonkeyPatch,
    recipe: Recipe[Recognizer],
    has_gpu: bool,
    batch_size: int | None,
    codes: list[str],
) -> None:
    """Batch, compute type, block on a made-up GPU; on a processor no batch above its usual one."""
    for place in ("whisper_model", "faster_whisper", "whisper"):
        monkeypatch.setattr(f"stenograf.engines.asr.{place}.has_gpu", lambda: has_gpu)
    asked = Request(recipe, AsrOptions(batch_size=batch_size))
    steps = list(workshop._thrift(recipe).steps(asked))
    assert [notice.code for _, notice in steps] == codes


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
