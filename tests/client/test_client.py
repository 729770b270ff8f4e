"""The Python client, against the real application."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.conftest import Server, server, sound
from tests.api.test_asr import RememberingDiarizer

from stenograf.client import Client, ServerEvent
from stenograf.core.errors import (
    AudioNotFoundError,
    BusyError,
    LanguageModelMissingError,
    LanguageModelRefusedError,
    MinutesNotFoundError,
    ModelUnknownError,
    NotAudioError,
    OptionError,
    RecordingNotFoundError,
    ServerUnreachableError,
    TranscriptNotFoundError,
    VoiceUnclearError,
)
from stenograf.testing.documents import CALL
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


def test_people_are_enrolled_and_known_again(client: Client, server: Server, sound: bytes) -> None:
    """By a clip and by a speaker of a transcript; one enrolment is taken back, then all."""
    server.work.diarizer = RememberingDiarizer()
    anna = client.voices.enrol("Анна", BytesIO(sound))
    job = client.wait(client.submit(BytesIO(sound), name="a.wav").id)
    assert client.voices.identify(job.recording_id) == {"SPEAKER_00": "Анна"}
    twice = client.voices.enrol_speaker("Анна", job.recording_id, "Анна")
    assert [source.recording_id for source in twice.sources] == [None, job.recording_id]
    client.voices.undo(twice.id, twice.sources[1].id)
    assert client.voices.list() == [anna]
    client.voices.delete(anna.id)
    assert client.voices.list() == []
    with pytest.raises(VoiceUnclearError, match="Nobody speaks"):
        client.voices.enrol("Анна", BytesIO(sound[:44] + bytes(len(sound) - 44)))


def test_minutes_are_made_and_read(client: Client, server: Server) -> None:
    """Extracted at once, then by a job of the server, as a document and as a file."""
    id = client.upload(BytesIO(b"sound"), name="планёрка.wav")
    with pytest.raises(TranscriptNotFoundError):
        client.make_minutes(id)
    server.library.save_transcript(id, CALL)
    assert client.minutes(id).method == "extractive"
    with pytest.raises(MinutesNotFoundError):
        client.minutes(id, method="model")
    with pytest.raises(LanguageModelMissingError):
        client.make_minutes(id, method="model")
    events: list[ServerEvent] = []
    made = client.make_minutes(id, title="Планёрка", date="понедельник", on_event=events.append)
    assert (made.title, made.date, made.model) == ("Планёрка", "понедельник", "notes")
    assert {event.data.get("stage") for event in events} >= {"minutes"}
    assert client.minutes(id) == made
    assert client.export_minutes(id, "md").decode().startswith("# Планёрка")
    assert client.minutes(id, method="extractive").title != "Планёрка"


def test_what_a_language_model_fails_with_is_raised(client: Client, server: Server) -> None:
    """As its own class, with the hint of the server."""
    id = client.upload(BytesIO(b"sound"), name="a.wav")
    server.library.save_transcript(id, CALL)
    refused = LanguageModelRefusedError("There is no model {model}.", model="notes")
    server.work.scribe.failures["part-1"] = refused
    with pytest.raises(LanguageModelRefusedError, match="no model notes"):
        client.make_minutes(id)


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
    monkeypatch.setattr("stenograf.client.client.PART_BYTES", 20_000)
    monkeypatch.setattr("stenograf.client.tries.FIRST_PAUSE_S", 0.0)


@pytest.mark.usefixtures("quick")
def test_a_broken_connection_costs_no_recording(server: Server, sound: bytes) -> None:
    """Parts whose answer was lost are neither lost nor sent twice."""
    transport: Any = Unreliable(server)
    http = httpx.Client(transport=transport, base_url="http://localhost")
    id = Client("http://localhost", http=http).upload(BytesIO(sound), name="a.wav")
    assert b"".join(server.library.audio(id)) == sound
    assert transport.n_patches == len(sound) // 20_000 + 1


class Refusing(httpx.BaseTransport):
    """Refuses requests to some path as often as it is told, then passes them on."""

    def __init__(self, server: Server, ending: str, refusals: list[httpx.Response]) -> None:
        self.server = server
        self.ending = ending
        self.refusals = refusals

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One refusal after the other."""
        if request.url.path.endswith(self.ending) and self.refusals:
            return self.refusals.pop(0)
        answer = self.server.client.request(
            request.method,
            str(request.url),
            content=request.read(),
            headers={k: v for k, v in request.headers.items() if k != "host"},
        )
        return httpx.Response(answer.status_code, content=answer.content)

    def client(self) -> Client:
        """Whose requests go this way."""
        return Client("", http=httpx.Client(transport=self, base_url="http://localhost"))


def _refusal(status: int, code: str, wait: str | None) -> httpx.Response:
    headers = {} if wait is None else {"Retry-After": wait}
    return httpx.Response(status, json={"error": {"code": code, "message": "No."}}, headers=headers)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client slept, which takes no time."""
    slept: list[float] = []
    monkeypatch.setattr("stenograf.client.tries.time.sleep", slept.append)
    return slept


@pytest.mark.parametrize("ending", ["/events", "/jobs", "/finish", "/transcript"])
def test_a_busy_server_is_asked_again_after_the_time_it_names(
    server: Server, sound: bytes, pauses: list[float], ending: str
) -> None:
    """429 and 503, streams too; without a time, and where it is no number, the pauses double."""
    refusals = [
        _refusal(429, "request.busy", "10"),
        _refusal(503, "request.not_ready", None),
        _refusal(503, "request.not_ready", "Wed, 21 Oct 2026 07:28:00 GMT"),
        _refusal(429, "request.busy", "86400"),
    ]
    client = Refusing(server, ending, refusals).client()
    assert client.transcribe(BytesIO(sound), name="a.wav").text == WORDS
    assert pauses == [10.0, 1.0, 2.0, 60.0]


@pytest.mark.parametrize("ending", ["/events", "/jobs"])
def test_a_server_that_stays_busy_is_given_up_with_its_own_error(
    server: Server, sound: bytes, pauses: list[float], ending: str
) -> None:
    """After five tries."""
    refusals = [_refusal(429, "request.busy", None) for _ in range(9)]
    with pytest.raises(BusyError, match="No"):
        Refusing(server, ending, refusals).client().transcribe(BytesIO(sound))
    assert pauses == [0.5, 1.0, 2.0, 4.0]
    assert len(refusals) == 4


def test_a_stream_that_breaks_often_is_followed_to_its_end(
    server: Server, sound: bytes, pauses: list[float]
) -> None:
    """Each break after an event is the first one: a job of hours outlives any proxy's patience."""

    class Breaking(Refusing):
        """Cuts the stream after each event."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            """Only the first event behind what is known already."""
            answer = super().handle_request(request)
            if request.url.path.endswith("/events"):
                return httpx.Response(200, content=answer.content.split(b"\n\n")[0] + b"\n\n")
            return answer

    client = Breaking(server, "", []).client()
    events: list[ServerEvent] = []
    assert client.transcribe(BytesIO(sound), on_event=events.append).text == WORDS
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert len(events) > 5
    assert events[-1].kind == "done"
