"""`stenograf voices`, and `stenograf speakers identify`."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from tests.api.conftest import sound
from tests.api.test_asr import RememberingDiarizer

from stenograf import app
from stenograf.api.native.voices import VoiceOut
from stenograf.cli.main import main
from stenograf.export import read_json, render_evidence, to_json
from stenograf.library import Library, open_library
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.testing.fakes import FakeDetector, FakeRecognizer

__all__ = ["sound"]  # a fixture

PIPELINE = Pipeline(
    detector=FakeDetector(), recognizer=FakeRecognizer("so"), diarizer=RememberingDiarizer()
)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of our own, and fake engines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STENOGRAF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("STENOGRAF_DATABASE_URL", raising=False)
    monkeypatch.setattr(app, "prepare", lambda *_, **__: PIPELINE)
    return tmp_path / "data"


@pytest.fixture
def clip(tmp_path: Path, sound: bytes) -> Path:
    """Four seconds of somebody."""
    path = tmp_path / "анна.wav"
    path.write_bytes(sound)
    return path


@pytest.fixture
def meeting(tmp_path: Path, sound: bytes) -> Path:
    """A transcript of two people in a file, its voices beside it."""
    transcript, evidence = PIPELINE.run_with_evidence(
        BytesIO(sound), TranscribeOptions(), name="m.wav"
    )
    assert evidence is not None
    path = tmp_path / "meeting.json"
    path.write_bytes(to_json(transcript))
    path.with_suffix(".speakers.npz").write_bytes(render_evidence(evidence))
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(each) for each in arguments])
    return int(left.value.code or 0)


def kept(library: Library, meeting: Path, sound: bytes) -> str:
    """The same meeting as a recording of the library; its id."""
    transcript, evidence = PIPELINE.run_with_evidence(BytesIO(sound), TranscribeOptions(), name="m")
    id = library.add_recording(BytesIO(sound), name="m.wav", content_type="audio/wav").id
    library.save_transcript(id, transcript, made_by="job", evidence=evidence)
    return id


def test_who_is_enrolled_by_a_clip_is_named_in_a_file(
    clip: Path, meeting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In place, a stranger left as they were; once more there is nothing to do."""
    assert run("voices", "enrol", "Анна", clip) == 0
    assert "Анна" in capsys.readouterr().out
    assert run("speakers", "identify", meeting) == 0
    assert [each.name for each in read_json(meeting.read_bytes()).speakers] == ["Анна", None]
    assert "SPEAKER_00" in capsys.readouterr().out
    written = meeting.stat().st_mtime_ns
    assert run("speakers", "identify", meeting) == 0
    assert meeting.stat().st_mtime_ns == written
    assert "Nobody was named." in capsys.readouterr().err


def test_who_is_enrolled_from_a_file_is_named_in_the_library(
    data: Path, meeting: Path, sound: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a new version, like that of the server's route."""
    ways = ("--transcript", meeting, "--speaker", "SPEAKER_00")
    assert run("voices", "enrol", "Boris", *ways) == 0
    with open_library(data) as library:
        id = kept(library, meeting, sound)
    capsys.readouterr()
    assert run("voices", "identify", id) == 0
    assert capsys.readouterr().out == "SPEAKER_00\tBoris\n"
    with open_library(data) as library:
        newest = library.transcript(id)
    assert newest.version == 2
    assert newest.transcript.speakers[0].name == "Boris"
    assert run("voices", "identify", id) == 0
    assert "Nobody was named." in capsys.readouterr().err


def test_a_speaker_of_a_recording_is_enrolled_listed_and_forgotten(
    data: Path, meeting: Path, sound: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON is what the server answers; one source is taken back, then the person is forgotten."""
    with open_library(data) as library:
        id = kept(library, meeting, sound)
    ways = ("--recording", id, "--speaker", "SPEAKER_00")
    for _ in range(2):
        assert run("voices", "enrol", "Анна", *ways) == 0
    capsys.readouterr()
    assert run("voices", "list", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    with open_library(data) as library:
        assert shown == [VoiceOut.of(each).model_dump() for each in library.voices()]
    [first, second] = shown[0]["sources"]
    assert first["recording_id"] == id
    assert run("voices", "forget", "Анна", "--source", first["id"]) == 0
    capsys.readouterr()
    assert run("voices", "list") == 0
    table = capsys.readouterr().out
    assert "Анна" in table
    assert second["id"] in table
    assert first["id"] not in table
    assert run("voices", "forget", shown[0]["id"]) == 0
    with open_library(data) as library:
        assert library.voices() == []


def test_mistakes_are_said_plainly(
    clip: Path, meeting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No or two ways to a voice, nobody of this name or id, another recording's voices."""
    speaker = ("--speaker", "SPEAKER_00")
    for ways in (
        (),
        (clip, "--transcript", meeting, *speaker),
        (clip, *speaker),
        ("--recording", "x"),
    ):
        assert run("voices", "enrol", "Анна", *ways) == 2
        assert "--speaker with --recording or --transcript" in capsys.readouterr().err
    assert run("voices", "enrol", "Анна", "nothing.wav") == 3
    assert run("voices", "enrol", "Анна", "--recording", "x", *speaker) == 9
    assert run("voices", "forget", "Анна") == 9
    assert "There is no voice Анна." in capsys.readouterr().err
    document = read_json(meeting.read_bytes())
    elsewhere = replace(document.recording, sha256="0" * 64)
    meeting.write_bytes(to_json(replace(document, recording=elsewhere)))
    assert run("speakers", "identify", meeting) == 6
    assert "another recording" in capsys.readouterr().err
