"""Debian's nginx with the block of deploy/ in front of a real server whose worker runs apart."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Thread

import httpx
import pytest
from tests.ports import free_port

pytestmark = pytest.mark.e2e

BLOCK = Path(__file__).parents[2] / "deploy/nginx"
TOKEN = "a_secure_random_token_for_tests"
AUTH = {"Authorization": f"Bearer {TOKEN}"}

NGINX = """
daemon off; master_process off; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; include {folder}/stenograf.conf; }}
}}
"""


@contextmanager
def process(*command: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs while the block does."""
    running = subprocess.Popen(command, env=os.environ | environ, start_new_session=True)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


@contextmanager
def proxied(upstream: int, folder: Path) -> Iterator[str]:
    """The address of an nginx in front of a port of this machine."""
    port = free_port()
    for name in ("stenograf.conf", "stenograf-proxy.conf"):
        text = (BLOCK / name).read_text().replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
        (folder / name).write_text(text.replace("/etc/nginx", str(folder)))
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "install the Debian package nginx"
    with process(program, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(config)):
        yield f"http://127.0.0.1:{port}"


def wait_for(address: str) -> None:
    """Until it answers 200."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(0.1)
    raise AssertionError(address)


@pytest.fixture
def address(models_dir: Path, tmp_path: Path) -> Iterator[str]:
    """nginx, `stenograf serve --workers 0` and `stenograf worker`, as the units start them."""
    port = free_port()
    environ = {"STENOGRAF_DATA_DIR": str(tmp_path / "library"), "STENOGRAF_OFFLINE": "1"}
    environ |= {"STENOGRAF_TOKEN": TOKEN, "STENOGRAF_PORT": str(port)}
    stenograf = (sys.executable, "-m", "stenograf")
    folder = tmp_path / "nginx"
    folder.mkdir()
    with (
        process(*stenograf, "serve", "--workers", "0", **environ),
        process(*stenograf, "worker", "--workers", "1", **environ),
        proxied(port, folder) as url,
    ):
        wait_for(f"{url}/ready")
        yield url


def test_the_service_of_the_brief_answers_behind_its_old_address(
    address: str, assets: Path
) -> None:
    """/diarization/diarize is /diarize; the worker beside the server does the work."""
    speech = next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))
    with speech.open("rb") as file:
        answer = httpx.post(
            f"{address}/diarization/diarize", files={"file": file}, headers=AUTH, timeout=120
        )
    assert answer.status_code == 200, answer.text
    assert answer.json()["speakers"]
    assert httpx.get(f"{address}/diarization/health").json()["status"] == "healthy"


def test_a_hundred_megabytes_pass_without_a_file_of_nginx(address: str, tmp_path: Path) -> None:
    """The upload arrives whole, and nginx never wrote it to its own folder."""
    body = tmp_path / "call.wav"
    with body.open("wb") as file:
        file.truncate(100_000_000)
    with body.open("rb") as file:
        answer = httpx.post(
            f"{address}/api/v1/recordings", files={"file": file}, headers=AUTH, timeout=120
        )
    assert answer.status_code == 201, answer.text
    assert answer.json()["size_bytes"] == 100_000_000
    assert "temporary file" not in (tmp_path / "nginx/error.log").read_text()


def test_events_come_as_they_happen(address: str, assets: Path) -> None:
    """The first event of a job is here before the job has ended."""
    with (assets / "audio/asr/jfk.flac").open("rb") as file:
        brought = httpx.post(f"{address}/api/v1/recordings", files={"file": file}, headers=AUTH)
    job = httpx.post(
        f"{address}/api/v1/jobs",
        json={"recording_id": brought.json()["id"], "options": {"language": "en"}},
        headers=AUTH,
    ).json()["id"]
    seen = []
    events = f"{address}/api/v1/jobs/{job}/events"
    with httpx.stream("GET", events, headers=AUTH, timeout=120) as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                seen.append((line.removeprefix("event:").strip(), time.monotonic()))
    names = [name for name, _ in seen]
    assert (names[0], names[-1]) == ("queued", "done")
    assert seen[-1][1] - seen[0][1] > 0.5


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it got."""

    def do_GET(self) -> None:
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def echoed(tmp_path: Path) -> Iterator[str]:
    """nginx in front of what answers everything with the headers it got."""
    server: TCPServer = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    with server, proxied(int(server.server_address[1]), tmp_path) as url:
        wait_for(url)
        yield url
        server.shutdown()


def test_what_a_client_claims_about_itself_is_not_passed_on(echoed: str) -> None:
    """X-Forwarded-For and the like are nginx's own words."""
    claims = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "X-Forwarded-Proto"), "203.0.113.9")
    told = httpx.get(echoed, headers=claims).text
    assert "203.0.113.9" not in told
    assert "X-Forwarded-For: 127.0.0.1" in told
    assert "X-Forwarded-Proto: http" in told


@pytest.mark.parametrize(
    ("path", "n_bytes", "status"),
    [
        ("/diarization/diarize", 100 << 20, 200),
        ("/diarization/diarize", (100 << 20) + 1, 413),
        ("/api/v1/recordings", (100 << 20) + 1, 200),
        ("/api/v1/recordings", (4000 << 20) + 1, 413),
    ],
)
def test_what_is_too_large_ends_at_nginx(echoed: str, path: str, n_bytes: int, status: int) -> None:
    """Bodies beyond 100M at the brief's address and 4000M elsewhere go no further."""
    connection = HTTPConnection(echoed.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.putrequest("GET", path)
        connection.putheader("Content-Length", str(n_bytes))
        connection.endheaders()
        assert connection.getresponse().status == status
