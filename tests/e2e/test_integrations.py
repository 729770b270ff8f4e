"""Other programs ask a real server: the Laravel package, and the examples in Node and Python."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.e2e.test_server import TOKEN, Program

pytestmark = pytest.mark.e2e

INTEGRATIONS = Path(__file__).parents[2] / "integrations"
EXAMPLES = {
    "node": ["node", str(INTEGRATIONS / "node/diarize.mjs")],
    "python": [sys.executable, str(INTEGRATIONS / "python/diarize_over_http.py")],
}


class BusyOnce(BaseHTTPRequestHandler):
    """A fake service: 429 the first time, then one turn."""

    asked = 0

    def do_POST(self) -> None:
        self._read()
        BusyOnce.asked += 1
        busy = BusyOnce.asked == 1
        body = b'{"speakers": [{"speaker": "SPEAKER_00", "start": 0, "end": 1.5}], "duration": 2}'
        self.send_response(429 if busy else 200)
        self.send_header("Content-Length", str(len(body)))
        if busy:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _read(self) -> None:
        if length := self.headers.get("Content-Length"):
            self.rfile.read(int(length))
            return
        while size := int(self.rfile.readline(), 16):  # chunked
            self.rfile.read(size + 2)
        self.rfile.readline()


@contextmanager
def busy_service() -> Iterator[str]:
    """Its address."""
    BusyOnce.asked = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), BusyOnce)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ask(language: str, recording: Path, url: str, token: str) -> subprocess.CompletedProcess[str]:
    """What an example prints about a recording."""
    environ = os.environ | {"DIARIZATION_SERVICE_URL": url, "DIARIZATION_SERVICE_TOKEN": token}
    return subprocess.run(
        [*EXAMPLES[language], str(recording)],
        capture_output=True, text=True, timeout=120, check=False, env=environ,
    )  # fmt: skip


def test_the_examples_print_what_the_server_hears(
    models_dir: Path, tmp_path: Path, assets: Path
) -> None:
    """Both the same turns of two people; with a wrong token both say so."""
    speech = next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))
    command = [sys.executable, "-m", "stenograf", "serve", "--port", "{port}"]
    server = Program(command, tmp_path)
    answers = [ask(language, speech, server.url, TOKEN) for language in EXAMPLES]
    refused = [ask(language, speech, server.url, "wrong") for language in EXAMPLES]
    assert server.stop() == 0
    assert [answer.returncode for answer in answers] == [0, 0], answers
    assert answers[0].stdout == answers[1].stdout
    assert {line.split()[2] for line in answers[0].stdout.splitlines()} >= {
        "SPEAKER_00",
        "SPEAKER_01",
    }
    assert [answer.returncode for answer in refused] == [1, 1]
    assert all("token" in answer.stderr.lower() for answer in refused), refused


@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_waits_for_a_busy_service(language: str, tmp_path: Path) -> None:
    """429 with Retry-After, then the answer."""
    recording = tmp_path / "звонок.wav"
    recording.write_bytes(bytes(300_000))
    with busy_service() as url:
        done = ask(language, recording, url, TOKEN)
    assert (done.returncode, done.stdout) == (0, "0.00 1.50 SPEAKER_00\n"), done.stderr
    assert BusyOnce.asked == 2


@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_says_that_nobody_answers(language: str, tmp_path: Path) -> None:
    """Status 1 and one line, no traceback."""
    recording = tmp_path / "call.wav"
    recording.write_bytes(bytes(100))
    done = ask(language, recording, "http://127.0.0.1:1", TOKEN)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_the_laravel_package_passes_its_own_tests(assets: Path) -> None:
    """PHPUnit with Debian's Laravel: a real server, none (fallback), and faulty ones."""
    environ = os.environ | {
        "STENOGRAF_PYTHON": sys.executable,
        "STENOGRAF_TEST_ASSETS": str(assets),
    }
    done = subprocess.run(
        ["phpunit", "--colors=never"], cwd=INTEGRATIONS / "laravel",
        capture_output=True, text=True, timeout=240, check=False, env=environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK (" in done.stdout
