"""A real server with real workers and engines, asked as the brief's documents ask it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from openai import OpenAI

from stenograf.client import Client
from stenograf.testing.sound import read_speech

pytestmark = pytest.mark.e2e

COMPAT = Path(__file__).parents[2] / "compat"
TOKEN = "a_secure_random_token_for_tests"


class Program:
    """A server as a process of its own."""

    def __init__(self, command: list[str], folder: Path, **settings: str) -> None:
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        filled = [part.format(port=self.port) for part in command]
        environ = os.environ | {
            "STENOGRAF_DATA_DIR": str(folder / "library"),
            "STENOGRAF_OFFLINE": "true",
            "STENOGRAF_PORT": str(self.port),
            "DIARIZATION_PORT": str(self.port),
            "DIARIZATION_TOKEN": TOKEN,
            **settings,
        }
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                filled, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_ready()

    def curl(self, *arguments: str) -> tuple[int, str]:
        """Status and body of what curl is told to ask."""
        done = subprocess.run(
            ["curl", "-sS", "-w", "\n%{http_code}", *arguments],
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
        )
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def wait_until_ready(self) -> None:
        """Until a worker is alive."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                status, _ = self.curl(f"{self.url}/ready")
            except subprocess.CalledProcessError:
                status = 0
            if status == 200:
                return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def log_with(self, line: str) -> str:
        """The log once it holds the line: a request is written down after it was answered."""
        deadline = time.monotonic() + 60
        while line not in self.log.read_text() and time.monotonic() < deadline:
            time.sleep(0.02)
        log = self.log.read_text()
        assert line in log
        return log

    def stop(self) -> int:
        """The exit status after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(models_dir: Path, tmp_path: Path) -> Iterator[Program]:
    """`stenograf serve` with PocketSphinx, the speaker encoder of the assets and no network.

    It logs all it ever does, so that tests see what must not be in a log.
    """
    command = [sys.executable, "-m", "stenograf", "serve", "--verbose", "--port", "{port}"]
    program = Program(command, tmp_path)
    yield program
    program.stop()


@pytest.fixture
def speech(assets: Path) -> Path:
    """Thirty seconds of two people."""
    return next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))


@pytest.fixture
def jfk(assets: Path) -> Path:
    """Eleven seconds of English."""
    return assets / "audio/asr/jfk.flac"


def test_the_documented_curl_request_is_answered(served: Program, speech: Path) -> None:
    """The brief's own command, with the port that was free; so is its health check."""
    status, body = served.curl(
        "-X", "POST", f"{served.url}/diarize",
        "-H", f"Authorization: Bearer {TOKEN}",
        "-F", f"file=@{speech}",
    )  # fmt: skip
    answer = json.loads(body)
    assert status == 200, body
    assert answer["duration"] == pytest.approx(30, abs=0.5)
    assert {turn["speaker"] for turn in answer["speakers"]} >= {"SPEAKER_00", "SPEAKER_01"}
    starts = [turn["start"] for turn in answer["speakers"]]
    assert starts == sorted(starts)
    status, body = served.curl(f"{served.url}/health")
    assert (status, json.loads(body)) == (200, {"status": "healthy", "model_loaded": True})
    status, body = served.curl(
        "-X", "POST", f"{served.url}/diarize", "-H", f"Authorization: Bearer {TOKEN}"
    )
    assert (status, json.loads(body)) == (400, {"error": "No file uploaded"})


def test_real_words_come_over_every_contract(served: Program, jfk: Path) -> None:
    """PocketSphinx hears "country" in each of them; nothing is left behind but what was kept."""
    auth = ["-H", f"Authorization: Bearer {TOKEN}"]
    speech_file = ["-F", f"file=@{jfk}", "-F", "model=whisper-1", "-F", "language=en"]
    _, text = served.curl(*auth, *speech_file, f"{served.url}/v1/audio/transcriptions")
    assert "country" in json.loads(text)["text"]
    _, asr = served.curl(*auth, "-F", f"audio_file=@{jfk}", f"{served.url}/asr?language=en")
    assert "country" in asr
    with Client(served.url, key=TOKEN) as client:
        assert "country" in client.transcribe(jfk, language="en").text
    _, listed = served.curl(*auth, f"{served.url}/api/v1/recordings")
    assert [each["name"] for each in json.loads(listed)["items"]] == ["jfk.flac"]
    log = served.log_with("GET /api/v1/recordings 200")
    assert "POST /v1/audio/transcriptions 200" in log
    assert "country" not in log
    assert TOKEN not in log


def test_a_server_that_is_told_to_stop_ends_cleanly(served: Program) -> None:
    """Status 0 within seconds, and no worker stays behind."""
    children = subprocess.run(
        ["pgrep", "-P", str(served.process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    assert children
    assert served.stop() == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}/stat").exists()]


def test_a_client_that_goes_away_stops_its_work(served: Program, speech: Path) -> None:
    """The recording is gone soon after the connection."""
    with pytest.raises(subprocess.CalledProcessError):
        served.curl(
            "--max-time", "0.5", "-H", f"Authorization: Bearer {TOKEN}",
            "-F", f"file=@{speech}", f"{served.url}/diarize",
        )  # fmt: skip
    with Client(served.url, key=TOKEN) as client:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if client._ask("GET", "/recordings")["total"] == 0:
                return
            time.sleep(0.2)
    raise AssertionError("the recording stayed")


@pytest.mark.usefixtures("models_dir")
def test_the_service_of_the_brief_runs_by_its_own_command(tmp_path: Path, speech: Path) -> None:
    """`python diarization_service.py` listens on DIARIZATION_PORT."""
    program = Program([sys.executable, str(COMPAT / "diarization_service.py")], tmp_path)
    status, _ = program.curl(
        "-H", f"Authorization: Bearer {TOKEN}", "-F", f"file=@{speech}", f"{program.url}/diarize"
    )
    assert status == 200
    assert program.stop() == 0


@pytest.mark.usefixtures("models_dir")
def test_gunicorn_with_four_workers_loads_the_models_once(tmp_path: Path, speech: Path) -> None:
    """The documented command; however many requests come, one process holds the engines."""
    command = (
        f"{sys.executable} -m gunicorn -w 4 -b 127.0.0.1:{{port}} --timeout 300 "
        f"--chdir {COMPAT} diarization_service:app"
    )
    program = Program(command.split(), tmp_path)
    ask = ["-H", f"Authorization: Bearer {TOKEN}", "-F", f"file=@{speech}"]
    answers = [program.curl(*ask, f"{program.url}/diarize") for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 200]
    family = psutil.Process(program.process.pid).children(recursive=True)
    workers = [each for each in family if "--supervised" in each.cmdline()]
    assert len(workers) == 1
    assert program.stop() == 0


@pytest.mark.usefixtures("models_dir")
def test_the_protocol_maker_runs_by_its_own_command(tmp_path: Path, speech: Path) -> None:
    """`python main.py`, then the brief's curl request; the port there is 3001."""
    script = tmp_path / "main.py"
    script.write_text((COMPAT / "main.py").read_text().replace("3001", "{port}"))
    port = _free_port()
    script.write_text(script.read_text().format(port=port))
    program = Program.__new__(Program)
    program.port, program.url, program.log = port, f"http://localhost:{port}", tmp_path / "log"
    environ = os.environ | {"STENOGRAF_DATA_DIR": str(tmp_path / "l"), "STENOGRAF_OFFLINE": "1"}
    with program.log.open("wb") as log:
        program.process = subprocess.Popen(
            [sys.executable, str(script)], env=environ, stdout=log, stderr=log
        )
    program.wait_until_ready()
    status, body = program.curl(
        "-X", "POST", f"{program.url}/api/diarize",
        "-F", f"audioFile=@{speech}",
        "-F", "minSpeakers=2",
        "-F", "maxSpeakers=4",
    )  # fmt: skip
    assert status == 200
    assert 2 <= json.loads(body)["totalSpeakers"] <= 4
    program.stop()


def test_a_server_for_others_needs_a_token(models_dir: Path, tmp_path: Path) -> None:
    """Without one it does not start on an address that others reach, and says what to set."""
    serve = [sys.executable, "-m", "stenograf", "serve", "--data-dir", str(tmp_path / "library")]
    environ = {name: value for name, value in os.environ.items() if "TOKEN" not in name}
    refused = subprocess.run(
        [*serve, "--host", "10.0.0.1"], capture_output=True, text=True, env=environ, check=False
    )
    assert refused.returncode == 2
    assert "STENOGRAF_TOKEN" in refused.stderr


@pytest.mark.usefixtures("models_dir")
def test_a_killed_server_goes_on_where_it_was(tmp_path: Path, speech: Path) -> None:
    """An upload continues at its last byte, events behind the last one that was heard."""
    command = [sys.executable, "-m", "stenograf", "serve", "--port", "{port}"]
    sound, half = speech.read_bytes(), speech.stat().st_size // 2
    first = Program(command, tmp_path)
    with Client(first.url, key=TOKEN) as client:
        new = {"name": "a.wav", "size_bytes": len(sound)}
        upload = f"/uploads/{client._ask('POST', '/uploads', json=new)['id']}"
        client._ask("PATCH", upload, content=sound[:half], headers={"upload-offset": "0"})
        asked = {"recording_id": client.upload(speech), "kind": "diarize"}
        job = client._ask("POST", "/jobs", json=asked)["id"]
        told = [event.number for event in client.events(job)]
    first.process.kill()
    first.process.wait()
    again = Program(command, tmp_path)
    try:
        with Client(again.url, key=TOKEN) as client:
            assert client._ask("GET", upload)["received_bytes"] == half
            at = {"upload-offset": str(half)}
            client._ask("PATCH", upload, content=sound[half:], headers=at)
            digest = hashlib.sha256(sound).hexdigest()
            kept = client._ask("POST", f"{upload}/finish", json={"sha256": digest})
            assert kept["size_bytes"] == len(sound)
            assert [event.number for event in client.events(job, after=2)] == told[2:]
    finally:
        again.stop()


@pytest.mark.usefixtures("models_dir")
def test_settings_come_from_a_file_beside_the_server(tmp_path: Path) -> None:
    """`.env` of the folder; the environment outweighs it, and an option both."""
    port = _free_port()
    (tmp_path / ".env").write_text(f"DIARIZATION_TOKEN={TOKEN}-of-the-file\nSTENOGRAF_PORT=1\n")
    command = [sys.executable, "-m", "stenograf", "serve", "--port", str(port)]
    left_out = {"STENOGRAF_DATA_DIR", "STENOGRAF_PORT", "DIARIZATION_TOKEN", "STENOGRAF_TOKEN"}
    environ = {name: value for name, value in os.environ.items() if name not in left_out}
    environ |= {"STENOGRAF_DATA_DIR": str(tmp_path / "l"), "STENOGRAF_OFFLINE": "1"}
    program = Program.__new__(Program)
    program.port, program.url, program.log = port, f"http://localhost:{port}", tmp_path / "log"
    with program.log.open("wb") as log:
        program.process = subprocess.Popen(
            command, cwd=tmp_path, env=environ, stdout=log, stderr=log
        )
    program.wait_until_ready()
    statuses = [
        program.curl("-H", f"Authorization: Bearer {token}", f"{program.url}/v1/models")[0]
        for token in (TOKEN, f"{TOKEN}-of-the-file")
    ]
    assert statuses == [401, 200]
    assert program.stop() == 0


def test_known_speakers_are_called_by_name(served: Program, assets: Path) -> None:
    """Two people of LibriSpeech, one of them known by another clip of theirs."""
    people = sorted((assets / "audio/speakers/test-other").iterdir())[:2]
    clips = [sorted(person.glob("*.flac"))[:3] for person in people]
    meeting = [read_speech(clip) for pair in zip(*clips, strict=True) for clip in pair][:4]
    gap = np.zeros(8000, dtype=np.float32)
    sound = np.concatenate([part for clip in meeting for part in (clip, gap)])
    wav = BytesIO()
    soundfile.write(wav, sound, 16_000, format="WAV")
    reference = base64.b64encode(clips[0][2].read_bytes()).decode()
    client = OpenAI(base_url=f"{served.url}/v1", api_key=TOKEN)
    answer = client.audio.transcriptions.create(
        file=("meeting.wav", wav.getvalue()),
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        language="en",
        extra_body={
            "num_speakers": 2,
            "known_speaker_names": ["Anna"],
            "known_speaker_references": [f"data:audio/flac;base64,{reference}"],
        },
    )
    speakers = [part.speaker for part in answer.segments]
    assert set(speakers) == {"Anna", "B"}
    assert speakers[0] == "Anna"
