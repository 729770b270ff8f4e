"""Whisper of real architecture behind the real server: calls transcribed, jobs cancelled."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.e2e.test_server import TOKEN, Program

from stenograf.client import Client
from stenograf.testing.whisper import SHAPES, write_random_whisper

pytestmark = pytest.mark.e2e

WITHIN_S = 60.0
N_TIMES = 20  # so often the sample, half a minute of speech, is said in the long recording


@pytest.fixture
def served(models_dir: Path, tmp_path: Path) -> Iterator[Program]:
    """`stenograf serve` with Whisper where a user would have put it; `small` is none too large."""
    for name, size in {"tiny": "tiny", "base": "base", "small": "tiny"}.items():
        folder = models_dir / f"faster-whisper-{name}"
        write_random_whisper(folder, size=SHAPES[size], quantization="int8")
    command = [sys.executable, "-m", "stenograf", "serve", "--workers", "1", "--port", "{port}"]
    program = Program(command, tmp_path)
    yield program
    program.stop()


@pytest.fixture
def speech(assets: Path) -> Path:
    """Thirty seconds of two people."""
    return next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))


def test_a_call_is_transcribed_as_the_brief_says(served: Program, speech: Path) -> None:
    """Upload, then the documented request and answer; only the weights are others than there."""
    auth = ["-H", f"Authorization: Bearer {TOKEN}"]
    recordings = f"{served.url}/api/recordings"
    _, kept = served.curl(*auth, "-F", f"file=@{speech}", recordings)
    id = json.loads(kept)["recording"]["id"]
    asked = {"model": "small", "hf_token": "your_huggingface_token"}
    status, body = served.curl(
        "-X", "POST", f"{recordings}/{id}/transcribe-whisperx", *auth,
        "-H", "Content-Type: application/json", "-d", json.dumps(asked),
    )  # fmt: skip
    assert status == 200, body
    answer = json.loads(body)
    metadata = answer.pop("metadata")
    speakers = answer.pop("speakers")
    assert {name: type(value) for name, value in answer.items()} == {
        "success": bool, "transcription": str, "seller_text": str, "client_text": str,
    }  # fmt: skip
    assert answer["success"] is True
    assert answer["transcription"]
    assert speakers == {"seller": "SPEAKER_00", "client": "SPEAKER_01", "total_speakers": 2}
    assert (metadata["transcription_method"], metadata["device"]) == ("whisperx", "cpu")
    assert (metadata["model"], metadata["file_size"]) == ("small", speech.stat().st_size)
    assert metadata["duration"] == pytest.approx(30, abs=0.5)
    assert metadata["processing_time"] > 0
    assert metadata["language"]
    for part in metadata["segments"]:
        assert {"start", "end", "text", "speaker", "words"} <= part.keys()
        assert {"word", "start", "end"} <= part["words"][0].keys()
    said = " ".join(part["text"] for part in metadata["segments"])
    assert said.split() == answer["transcription"].split()
    assert "your_huggingface_token" not in body + served.log.read_text()


@pytest.mark.parametrize(
    ("stage", "options"),
    [
        ("recognize", {"engine": "faster-whisper", "model": "base", "diarize": False}),
        ("diarize", {"engine": "faster-whisper", "model": "tiny", "diarizer": "basic"}),
    ],
)
def test_a_cancelled_job_gives_its_cores_back(
    served: Program, speech: Path, tmp_path: Path, stage: str, options: dict[str, object]
) -> None:
    """In the middle of native code: soon nothing computes any more, and the next job is done."""
    kind = "transcribe" if stage == "recognize" else "diarize"
    with Client(served.url, key=TOKEN) as client:
        recording = client.upload(long_recording(speech, tmp_path))
        more = {"language": "en", "guards": ["none"], **options}
        body = {"recording_id": recording, "kind": kind, "options": more}
        job = str(client._ask("POST", "/jobs", json=body)["id"])
        wait_until(lambda: client.job(job).stage == stage)
        wait_until(lambda: busy_s(served, 0.2) > 0.1)
        client.cancel(job)
        wait_until(lambda: client.job(job).is_final)
        assert client.job(job).status == "cancelled"
        wait_until(lambda: busy_s(served, 1.0) < 0.2)
        body["recording_id"] = client.upload(speech)
        assert client.wait(str(client._ask("POST", "/jobs", json=body)["id"])).status == "done"


def long_recording(speech: Path, folder: Path) -> Path:
    """Ten minutes of the sample."""
    import numpy as np
    import soundfile

    samples, rate_hz = soundfile.read(speech, dtype="float32")
    path = folder / "long.wav"
    soundfile.write(path, np.tile(samples, N_TIMES), rate_hz, subtype="PCM_16")
    return path


def busy_s(program: Program, during_s: float) -> float:
    """Seconds that server, workers and engines compute during some time."""
    before = _cpu_s(program)
    time.sleep(during_s)
    return _cpu_s(program) - before


def _cpu_s(program: Program) -> float:
    total = 0.0
    for each in psutil.Process(program.process.pid).children(recursive=True):
        try:
            used = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
