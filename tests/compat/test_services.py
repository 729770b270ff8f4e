"""The protocol maker's classes, with real engines that need no hub."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stenograf.compat.audio_diarization import AudioDiarization, as_documented
from stenograf.compat.audio_processor import AudioProcessor, named
from stenograf.core.errors import (
    RepositoryMissingError,
    StenografError,
    TokenInvalidError,
    TokenMissingError,
)
from stenograf.core.transcript import Recording, Speaker, Transcript

COMPAT = Path(__file__).parents[2] / "compat"


@pytest.fixture
def speech(assets: Path) -> Path:
    """Thirty seconds of two people."""
    return next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))


@pytest.fixture
def offline(tmp_path: Path, assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The speaker encoder of the assets, and no hub."""
    shutil.copytree(assets / "models/ge2e", tmp_path / "models/ge2e")
    monkeypatch.setenv("STENOGRAF_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("STENOGRAF_OFFLINE", "1")


@pytest.mark.e2e
@pytest.mark.usefixtures("offline")
def test_audio_diarization_is_called_as_documented(speech: Path) -> None:
    """Constructor, keyword arguments and await as in the guide."""
    diarizer = AudioDiarization(device="cpu", use_auth_token=None)
    result = asyncio.run(
        diarizer.diarize_audio(audio_file_path=str(speech), min_speakers=2, max_speakers=5)
    )
    assert result["success"] is True
    assert 2 <= result["totalSpeakers"] <= 5
    assert set(result["segments"][0]) == {"speaker", "start", "end"}


@pytest.mark.e2e
@pytest.mark.usefixtures("offline")
def test_audio_processor_is_called_as_documented(assets: Path) -> None:
    """With the one recognizer whose model is always here; participants lend their names."""
    processor = AudioProcessor(
        model_size="medium", device="cpu", engine="pocketsphinx", language="en"
    )
    result = asyncio.run(
        processor.process_audio_with_diarization(
            audio_file_path=str(assets / "audio/asr/jfk.flac"),
            participants=[{"name": "John"}, {"name": "Jane"}],
            prompt="Meeting transcription",
            enable_diarization=True,
            min_speakers=1,
            max_speakers=5,
        )
    )
    assert "country" in result["transcription"]
    assert result["speakers"][0]["name"] == "John"
    assert result["segments"][0]["speaker"] == "John"


@pytest.mark.e2e
@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("script", ["diarize.py", "simple_diarization_test.py"])
def test_scripts_run_as_documented(script: str, speech: Path, tmp_path: Path) -> None:
    """With a Russian file name; `diarize.py` prints what the service answers."""
    recording = tmp_path / "Успешные_холодные_звонки.wav"
    shutil.copy(speech, recording)
    bounds = ["--min-speakers", "2", "--max-speakers", "4"]
    done = subprocess.run(
        [sys.executable, str(COMPAT / script), str(recording), *bounds],
        capture_output=True,
        text=True,
        check=True,
    )
    if script == "diarize.py":
        answer = json.loads(done.stdout)
        assert set(answer) == {"speakers", "duration"}
    assert "SPEAKER_01" in done.stdout


@pytest.mark.e2e
@pytest.mark.parametrize("script", ["diarize.py", "simple_diarization_test.py"])
def test_scripts_say_what_is_wrong(script: str, tmp_path: Path) -> None:
    """A missing file is a sentence and an exit status, not a traceback."""
    done = subprocess.run(
        [sys.executable, str(COMPAT / script), str(tmp_path / "nothing.wav")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode > 0
    assert "Traceback" not in done.stderr
    assert "nothing.wav" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (TokenMissingError("No token."), ValueError, "Authentication required to access p/d"),
        (TokenInvalidError("Not known."), ValueError, "Invalid token"),
        (RepositoryMissingError("No repository."), OSError, "Model p/d not found"),
    ],
)
def test_refusals_of_the_hub_are_raised_as_documented(
    raised: StenografError, kind: type[Exception], said: str
) -> None:
    """With the next step behind the documented words."""
    raised.details.update(page="https://hub/p/d", tokens_page="https://hub/tokens")
    with pytest.raises(kind, match=said) as caught, as_documented("p/d"):
        raise raised
    assert len(str(caught.value)) > len(said) + 20


def test_names_go_to_speakers_in_order_of_first_speech() -> None:
    """As far as they go; more names than speakers are no error."""
    three = Transcript(
        Recording("a.wav", 1.0), (), (), tuple(Speaker(f"SPEAKER_0{i}") for i in range(3))
    )
    assert [s.name for s in named(three, ["Anna", "Boris"]).speakers] == ["Anna", "Boris", None]
    assert len(named(three, ["A", "B", "C", "D"]).speakers) == 3
