"""The Python client, against the real application."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.conftest import Server, server, sound

from stenograf.client import Client, ServerEvent
from stenograf.core.errors import (
    AudioNotFoundError,
    ModelUnknownError,
    NotAudioError,
    OptionError,
    RecordingNotFoundError,
    ServerUnreachableError,
)
from stenograf.testing.hub import FakeHub
from stenograf.testing.weights import CTRANSLATE2_FILES

__all__ = ["server", "sound"]  # fixtures

WORDS = "so it goes so it goes so"


@pytest.fixture
def client(server: Server) -> Client:
    """A client whose requests go to the application in this process."""
    return Client("http://localhost", http=server.client)


def test_a_recording_becomes_a_document(client: Client, tmp_path: Path, sound: bytes) -> None:
    """As in the library, options and all; events tell how far it is."""
    path = tmp_path / "звонок.wav"
    path.write_bytes(sound)
    events: list[ServerEvent] = []
    transcript = client.transcribe(path, language="ru", speakers=2, on_event=events.append)
    assert transcript.text == WORDS
    assert transcript.recording.name == "звонок.wav"
    assert (transcript.language, len(transcript.speakers)) == ("ru", 2)
    assert [event.kind for event in events][-1] == "done"


def test_a_stream_is_taken_too(client: Client, sound: bytes) -> None:
    """Submitted, waited for, exported and deleted step by step."""
    job = client.submit(BytesIO(sound), name="a.wav", diarize=False)
    done = client.wait(job.id)
    assert done.status == "done"
    assert client.export(done.recording_id, "txt").startswith(b"")
    assert client.transcript(done.recording_id).text == WORDS
    client.delete(done.recording_id)
    with pytest.raises(RecordingNotFoundError):
        client.transcript(done.recording_id)


def test_models_are_brought_to_the_server(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed, installed while events tell how far it is, examined and removed."""
    events: list[ServerEvent] = []
    with FakeHub() as hub:
        hub.add("Systran/faster-whisper-tiny", CTRANSLATE2_FILES)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        client.models.install("tiny", on_event=events.append)
    assert events[-1].kind == "done"
    assert any(event.data.get("stage") == "install" for event in events)
    assert [model.name for model in client.models.list() if model.installed] == ["tiny"]
    assert client.models.doctor()[0].hint == "Check the path."
    client.models.remove("tiny")
    assert not any(model.installed for model in client.models.list())
    with pytest.raises(ModelUnknownError):
        client.models.install("no such model")


def test_errors_come_as_their_own_classes(client: Client, tmp_path: Path) -> None:
    """A refusal of the server, a failed job and a missing file."""
    with pytest.raises(NotAudioError, match="holds no sound"):
        client.transcribe(BytesIO(b"<html>" * 9), name="page.wav")
    with pytest.raises(OptionError, match="speakers"):
        client.submit(BytesIO(b"x"), speakers=-1)
    with pytest.raises(AudioNotFoundError):
        client.upload(tmp_path / "nothing.wav")


def test_a_missing_server_is_said_so() -> None:
    """Nobody listens on this port."""
    with Client("http://127.0.0.1:9") as alone, pytest.raises(ServerUnreachableError):
        alone.upload(BytesIO(b"x"))


class Unreliable(httpx.BaseTransport):
    """Loses the answer of every other PATCH, after the server has seen it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.n_patches = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on, and lose."""
        answer = self.server.client.request(
            request.method,
            str(request.url),
            content=request.read(),
            headers={k: v for k, v in request.headers.items() if k != "host"},
        )
        if request.method == "PATCH":
            self.n_patches += 1
            if self.n_patches % 2:
                raise httpx.ReadError("lost")
        headers = {"content-type": "application/json"}
        return httpx.Response(answer.status_code, content=answer.content, headers=headers)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 20 kB, and pauses that cost nothing."""
    monkeypatch.setattr("stenograf.client.PART_BYTES", 20_000)
    monkeypatch.setattr("stenograf.client.FIRST_PAUSE_S", 0.0)


@pytest.mark.usefixtures("quick")
def test_a_broken_connection_costs_no_recording(server: Server, sound: bytes) -> None:
    """Parts whose answer was lost are neither lost nor sent twice."""
    transport: Any = Unreliable(server)
    http = httpx.Client(transport=transport, base_url="http://localhost")
    id = Client("http://localhost", http=http).upload(BytesIO(sound), name="a.wav")
    assert b"".join(server.library.audio(id)) == sound
    assert transport.n_patches == len(sound) // 20_000 + 1
