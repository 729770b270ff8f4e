"""What enemies and broken clients send to a real server."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import av
import httpx
import numpy as np
import psutil
import pytest
from tests.e2e.test_server import TOKEN, Program, served, speech

from stenograf.testing.forms import TYPE, broken_form

__all__ = ["served", "speech"]  # fixtures

pytestmark = pytest.mark.e2e

N_BROKEN_FORMS = 300
AUTH = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def http(served: Program) -> Iterator[httpx.Client]:
    """A client with the token."""
    with httpx.Client(base_url=served.url, headers=AUTH, timeout=60) as client:
        yield client


def _raw(served: Program, data: bytes, *, wait_s: float = 5.0) -> bytes:
    """What the server answers to these bytes; empty when it just closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=wait_s) as connection:
        connection.sendall(data)
        try:
            return connection.recv(65_536)
        except (TimeoutError, ConnectionResetError):
            return b""


def _lives(http: httpx.Client) -> bool:
    return http.get("/health").status_code == 200


def test_a_name_is_never_a_path(http: httpx.Client, tmp_path: Path) -> None:
    """Whatever it climbs to, the file lies in the library under a name of its own."""
    before = set(tmp_path.iterdir())
    for name in ("../../../../tmp/evil.wav", "/etc/passwd", "C:\\Windows\\evil.wav", "a/../../b"):
        kept = http.post("/api/v1/recordings", files={"file": (name, b"RIFF")}).json()
        assert not set("/\\") & set(kept["name"])
        part = http.get(f"/api/v1/recordings/{kept['id']}/audio")
        assert part.content == b"RIFF"
    assert set(tmp_path.iterdir()) == before
    assert not Path("/tmp/evil.wav").exists()  # noqa: S108


def test_a_name_cannot_write_headers(http: httpx.Client) -> None:
    """Line breaks and quotes of a file name stay inside its own header."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; '
        b'filename="a%0d%0aSet-Cookie: b=1.wav"\r\n\r\nRIFF\r\n--x--\r\n'
    )
    kept = http.post(
        "/api/v1/recordings",
        content=body,
        headers={"content-type": "multipart/form-data; boundary=x"},
    ).json()
    heard = http.get(f"/api/v1/recordings/{kept['id']}/audio")
    assert "set-cookie" not in heard.headers
    assert heard.headers["x-content-type-options"] == "nosniff"


def test_a_page_is_not_served_as_a_page(http: httpx.Client) -> None:
    """An uploaded document comes back as bytes: it cannot run in the server's origin."""
    file = ("a.html", b"<script>alert(1)</script>", "text/html")
    kept = http.post("/api/v1/recordings", files={"file": file}).json()
    heard = http.get(f"/api/v1/recordings/{kept['id']}/audio")
    assert heard.headers["content-type"] == "application/octet-stream"


def test_huge_headers_and_half_requests_are_turned_away(
    served: Program,
    http: httpx.Client,
) -> None:
    """Each costs a connection and nothing else."""
    huge = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Big: " + b"a" * 2_000_000 + b"\r\n\r\n"
    try:
        answer = _raw(served, huge)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    assert b" 200 " not in answer.split(b"\r\n")[0]
    nonsense = _raw(served, b"\x00\x01\x02 nonsense\r\n\r\n")
    assert b" 200 " not in nonsense.split(b"\r\n")[0]
    assert _lives(http)


def test_a_wrong_length_does_no_harm(served: Program, http: httpx.Client) -> None:
    """A body shorter than announced is no recording; a longer one is cut where it was announced."""
    head = (
        f"POST /api/v1/recordings HTTP/1.1\r\nHost: localhost:{served.port}\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Type: {TYPE}\r\n"
    )
    _raw(served, f"{head}Content-Length: 5000\r\n\r\n--frontier\r\n".encode(), wait_s=1.0)
    _raw(served, f"{head}Content-Length: 3\r\n\r\n--frontier and more".encode(), wait_s=1.0)
    _raw(served, f"{head}Content-Length: -3\r\n\r\n".encode(), wait_s=1.0)
    assert http.get("/api/v1/recordings").json()["total"] == 0
    assert _lives(http)


def test_slow_clients_hold_up_nobody(served: Program, http: httpx.Client) -> None:
    """A hundred connections that send a byte and wait: another client has its answer."""
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(b"POST /diarize HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        assert _lives(http)
    finally:
        for connection in slow:
            connection.close()


def test_a_token_in_the_address_is_no_token(served: Program, http: httpx.Client) -> None:
    """Addresses end up in logs and histories."""
    bare = httpx.get(f"{served.url}/api/v1/recordings?token={TOKEN}&access_token={TOKEN}")
    assert bare.status_code == 401
    assert TOKEN not in served.log_with("GET /api/v1/recordings 401")
    assert _lives(http)


def test_archives_and_pages_are_no_recordings(http: httpx.Client) -> None:
    """A zip bomb is not unpacked, a page is not rendered: 415."""
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", bytes(50_000_000))
    for name, content in (("a.zip", bomb.getvalue()), ("a.mp3", b"<svg onload=alert(1)>" * 999)):
        answer = http.post("/diarize", files={"file": (name, content)})
        assert answer.status_code == 415
        assert set(answer.json()) == {"error"}


def test_a_bomb_of_sound_is_left_at_the_limit(models_dir: Path, tmp_path: Path) -> None:
    """A kilobyte that holds an hour: 413, by whatever way it is decoded, and nothing stays."""
    bomb = _hour()
    assert len(bomb) < 10_000
    command = [sys.executable, "-m", "stenograf", "serve", "--port", "{port}"]
    program = Program(command, tmp_path, STENOGRAF_MAX_DURATION_H="0.5")
    try:
        with httpx.Client(base_url=program.url, headers=AUTH, timeout=60) as http:
            answer = http.post("/diarize", files={"file": ("a.flac", bomb)})
            assert (answer.status_code, "1800 s" in answer.json()["error"]) == (413, True)
            kept = http.post("/api/v1/recordings", files={"file": ("a.flac", bomb)}).json()
            assert http.get(f"/api/v1/recordings/{kept['id']}/peaks").status_code == 413
            assert http.get("/api/v1/recordings").json()["total"] == 1
    finally:
        program.stop()


def _hour() -> bytes:
    """One sample said for an hour, which FLAC writes down once in a while."""
    target = BytesIO()
    with av.open(target, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=1000, layout="mono")
        stream.codec_context.options = {"frame_size": "65535"}
        for start in range(0, 3600 * 1000, 60_000):
            frame = av.AudioFrame.from_ndarray(
                np.full((1, 60_000), 7000, np.int16), format="s16", layout="mono"
            )
            frame.rate, frame.pts = 1000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def test_broken_forms_crash_nothing_and_leave_nothing(
    served: Program,
    http: httpx.Client,
    tmp_path: Path,
) -> None:
    """No fault of the server, no file left, memory flat; 503 says that a model is missing."""
    process = psutil.Process(served.process.pid)

    def send(seed: int) -> int:
        path = ("/diarize", "/api/diarize", "/v1/audio/transcriptions", "/asr")[seed % 4]
        answer = http.post(path, content=broken_form(seed), headers={"content-type": TYPE})
        return answer.status_code

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(send, range(40)))
        before = process.memory_info().rss
        statuses = set(crowd.map(send, range(N_BROKEN_FORMS)))
    assert statuses <= {200, 400, 404, 413, 415, 422, 429, 503}
    assert process.memory_info().rss - before < 60e6
    assert http.get("/api/v1/recordings").json()["total"] == 0
    left = [path for path in (tmp_path / "library/blobs").rglob("*") if path.is_file()]
    assert left == []
    assert json.loads(http.get("/health").text)["status"] == "healthy"
