"""Debian's nginx with the block of deploy/ in front of a real server whose worker runs apart."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Event, Thread
from typing import NamedTuple

import httpx
import psutil
import pytest
from tests.ports import free_port

pytestmark = pytest.mark.e2e

BLOCK = Path(__file__).parents[2] / "deploy/nginx"
PROXY = "stenograf-proxy.conf"
TOKEN = "a_secure_random_token_for_tests"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
SILENT_S = float(os.environ.get("STENOGRAF_TEST_SILENT_S", "3"))
"""How long the real server says nothing; docs/production.md records a run with 290."""

PROMISED_S = 300
"""What the brief wants nginx to wait."""

SHRINK = 100
"""How many times shorter nginx waits where its limit itself is tried."""

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


TIME = re.compile(r"\b(proxy_\w+_timeout) (\d+)s;")


def times() -> dict[str, int]:
    """Each time that the shipped files set, in seconds."""
    return {name: int(seconds) for name, seconds in TIME.findall((BLOCK / PROXY).read_text())}


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
def proxied(
    upstream: int, folder: Path, *, without: str = "nothing", shrink: int = 1
) -> Iterator[str]:
    """The address of an nginx in front of a port of this machine.

    Lines of deploy/ that set `without` are left out, to see what they are there for; its times
    are `shrink` times shorter.
    """
    port = free_port()
    folder.mkdir(exist_ok=True)
    for name in ("stenograf.conf", PROXY):
        lines = (BLOCK / name).read_text().splitlines()
        text = "\n".join(line for line in lines if not line.strip().startswith(without))
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
        text = TIME.sub(lambda found: f"{found[1]} {int(found[2]) * 1000 // shrink}ms;", text)
        (folder / name).write_text(text.replace("/etc/nginx", str(folder)))
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "install the Debian package nginx"
    with process(program, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(config)):
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def upstream(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port of a server that stands for ours."""
    server: TCPServer = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    with server:
        yield int(server.server_address[1])
        server.shutdown()


def wait_for_port(port: int) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(port)


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


class Service(NamedTuple):
    """A server of this machine, and the supervisor of its worker in a group of its own."""

    port: int
    worker: subprocess.Popen[bytes]


@pytest.fixture
def service(models_dir: Path, tmp_path: Path) -> Iterator[Service]:
    """`stenograf serve --workers 0` and `stenograf worker`, as the units start them."""
    port = free_port()
    environ = {"STENOGRAF_DATA_DIR": str(tmp_path / "library"), "STENOGRAF_OFFLINE": "1"}
    environ |= {"STENOGRAF_TOKEN": TOKEN, "STENOGRAF_PORT": str(port)}
    stenograf = (sys.executable, "-m", "stenograf")
    with (
        process(*stenograf, "serve", "--workers", "0", **environ),
        process(*stenograf, "worker", "--workers", "1", **environ) as worker,
    ):
        wait_for(f"http://127.0.0.1:{port}/ready")
        yield Service(port, worker)


@pytest.fixture
def address(service: Service, tmp_path: Path) -> Iterator[str]:
    """nginx in front of the server."""
    with proxied(service.port, tmp_path / "nginx") as url:
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
    seen: list[str] = []
    events = f"{address}/api/v1/jobs/{job}/events"
    with httpx.stream("GET", events, headers=AUTH, timeout=120) as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                if not seen:
                    early = httpx.get(f"{address}/api/v1/jobs/{job}", headers=AUTH).json()
                seen.append(line.removeprefix("event:").strip())
    assert (seen[0], seen[-1]) == ("queued", "done")
    assert early["status"] in {"queued", "running"}


@pytest.mark.timeout(SILENT_S + 120)
def test_a_request_may_be_silent_for_long(address: str, service: Service, assets: Path) -> None:
    """The real server is asked, its worker stands still, and the answer comes all the same."""
    speech = next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))

    def diarize() -> httpx.Response:
        url, limit_s = f"{address}/diarization/diarize", SILENT_S + 60
        with speech.open("rb") as file:
            return httpx.post(url, files={"file": file}, headers=AUTH, timeout=limit_s)

    with ThreadPoolExecutor() as threads:
        worker = psutil.Process(service.worker.pid)
        family = [worker, *worker.children(recursive=True)]
        for each in family:
            each.suspend()
        answer = threads.submit(diarize)
        time.sleep(SILENT_S)
        assert not answer.done()
        for each in family:
            each.resume()
        assert answer.result(60).status_code == 200
        assert answer.result().json()["speakers"]


class Silent(BaseHTTPRequestHandler):
    """Answers after as many seconds as the path says."""

    def do_GET(self) -> None:
        time.sleep(float(self.path.removeprefix("/")))
        with suppress(BrokenPipeError, ConnectionResetError):  # nginx may have gone
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_the_shipped_times_are_the_promised_ones() -> None:
    """To connect, to send and to wait for an answer."""
    assert times() == dict.fromkeys(
        ("proxy_connect_timeout", "proxy_send_timeout", "proxy_read_timeout"), PROMISED_S
    )


def test_nginx_waits_as_long_as_the_file_says(tmp_path: Path) -> None:
    """Half the shipped time of silence is answered, half as much again is 504; a hundredth of it
    here. A file without that line waits for nginx's own minute.
    """
    limit_s = times()["proxy_read_timeout"] / SHRINK
    asked = [("shipped", 0.5), ("shipped", 1.5), ("bare", 1.5)]
    with (
        upstream(Silent) as port,
        proxied(port, tmp_path / "shipped", shrink=SHRINK) as shipped,
        proxied(port, tmp_path / "bare", without="proxy_read_timeout") as bare,
        ThreadPoolExecutor() as threads,
    ):
        at = {"shipped": shipped, "bare": bare}
        answers = [
            threads.submit(httpx.get, f"{at[name]}/{limit_s * part}", timeout=60)
            for name, part in asked
        ]
        assert [answer.result().status_code for answer in answers] == [200, 504, 200]


class Drip(BaseHTTPRequestHandler):
    """Sends one event, and the next when the test lets it."""

    go_on = Event()

    def do_GET(self) -> None:
        """Without the header by which an answer itself forbids nginx to keep it back."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"event: queued\n\n")
        self.wfile.flush()
        self.go_on.wait(60)
        self.wfile.write(b"event: done\n\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("without", "expected"), [("nothing", ["event: queued"]), ("proxy_buffering", [])]
)
def test_events_are_not_held_back_because_a_line_says_so(
    without: str, expected: list[str], tmp_path: Path
) -> None:
    """The first is here while the second has not been sent; without the line it is not."""
    seen: list[str] = []
    Drip.go_on.clear()
    with upstream(Drip) as port, proxied(port, tmp_path, without=without) as url:
        with suppress(httpx.ReadTimeout), httpx.stream("GET", url, timeout=2) as stream:
            seen += [next(line for line in stream.iter_lines() if line)]
        Drip.go_on.set()
    assert seen == expected


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
    with upstream(Echo) as port, proxied(port, tmp_path) as url:
        yield url


def test_what_a_client_claims_about_itself_is_not_passed_on(echoed: str) -> None:
    """X-Forwarded-For and the like are nginx's own words."""
    names = ("X-Forwarded-For", "X-Real-IP", *(f"X-Forwarded-{n}" for n in ("Proto", "Host")))
    claims = dict.fromkeys((*names, "X-Forwarded-Prefix"), "203.0.113.9")
    told = httpx.get(echoed, headers=claims).text
    assert "203.0.113.9" not in told
    assert "X-Forwarded-For: 127.0.0.1" in told
    assert "X-Forwarded-Proto: http" in told
    assert "X-Forwarded-Prefix" not in told
    below = httpx.get(f"{echoed}/diarization/docs", headers=claims).text
    assert "X-Forwarded-Prefix: /diarization" in below


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
