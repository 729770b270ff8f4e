"""Recordings of calls: seller and client."""

from __future__ import annotations

import logging

import pytest
from tests.api.conftest import Server

WORDS = "so it goes so it goes so"


@pytest.fixture
def call(server: Server, sound: bytes) -> str:
    """The address of a call that was brought."""
    answer = server.client.post("/api/recordings", files={"file": ("звонок.wav", sound)})
    assert answer.status_code == 201
    return f"/api/recordings/{answer.json()['recording']['id']}"


def test_seller_and_client_are_told_apart(server: Server, call: str, sound: bytes) -> None:
    """The first speaker sells; the answer has every documented field."""
    asked = {"model": "small", "language": "en", "batch_size": 16, "max_speakers": 2}
    answer = server.client.post(f"{call}/transcribe-whisperx", json=asked)
    body = answer.json()
    assert answer.status_code == 200
    assert body["success"] is True
    assert body["transcription"] == WORDS
    assert body["seller_text"] == "so it goes so"
    assert body["client_text"] == "it goes so"
    assert body["speakers"] == {
        "seller": "SPEAKER_00",
        "client": "SPEAKER_01",
        "total_speakers": 2,
    }
    metadata = body["metadata"]
    assert metadata["transcription_method"] == "whisperx"
    assert metadata["device"] == "cpu"
    assert metadata["language"] == "en"
    assert metadata["file_size"] == len(sound)
    assert metadata["duration"] == 4.0
    assert metadata["real_time_factor"] == pytest.approx(metadata["processing_time"] / 4, abs=1e-3)
    document = server.client.get(f"/api/v1{call.removeprefix('/api')}/transcript").json()
    assert metadata["processing_time"] == document["provenance"]["timings"]["total"]
    assert server.client.get(call).json()["recording"]["duration"] == 4.0
    first = metadata["segments"][0]
    assert first["speaker"] == "SPEAKER_00"
    assert first["words"][0]["word"] == "so"


def test_who_waits_goes_first(server: Server, call: str) -> None:
    """A request that waits is done before any job, whatever priority somebody gave that."""
    recording = call.rpartition("/")[2]
    asked = {"recording_id": recording, "priority": 100}
    job = server.client.post("/api/v1/jobs", json=asked).json()
    server.client.post(f"{call}/transcribe-whisperx", json={})
    jobs = server.client.get("/api/v1/jobs").json()["items"]
    [waited] = [each for each in jobs if each["id"] != job["id"]]
    assert waited["priority"] > job["priority"]


def test_a_request_may_name_the_seller(server: Server, call: str) -> None:
    """By the speaker's id; the other one buys."""
    answer = server.client.post(f"{call}/transcribe-whisperx", json={"seller": "SPEAKER_01"})
    assert answer.json()["speakers"]["client"] == "SPEAKER_00"


def test_a_token_in_a_request_is_not_kept(
    server: Server, call: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the job, nor in the document, nor in the log."""
    caplog.set_level(logging.DEBUG)
    secret = "hf_do_not_keep_me"
    answer = server.client.post(f"{call}/transcribe-whisperx", json={"hf_token": secret})
    assert answer.status_code == 200
    id = call.rsplit("/", 1)[1]
    kept = repr(server.services.queue.list()) + repr(server.library.transcript(id).document)
    assert secret not in kept + caplog.text + answer.text


def test_recordings_are_listed_heard_and_deleted(server: Server, call: str, sound: bytes) -> None:
    """The siblings that make the route usable."""
    listed = server.client.get("/api/recordings", params={"query": "ЗВОН"}).json()
    assert (listed["total"], listed["recordings"][0]["name"]) == (1, "звонок.wav")
    assert server.client.get(call).json()["recording"]["size"] == len(sound)
    part = server.client.get(f"{call}/audio", headers={"range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, sound[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(sound)}"
    assert server.client.get(f"{call}/audio").content == sound
    nothing = server.client.get(f"{call}/audio", headers={"range": "bytes=999999-"})
    assert nothing.status_code == 416
    absurd = server.client.get(f"{call}/audio", headers={"range": f"bytes=0-{'9' * 5000}"})
    assert (absurd.status_code, absurd.content) == (200, sound)
    assert server.client.delete(call).json() == {"success": True}
    gone = server.client.get(call)
    assert gone.status_code == 404
    assert gone.json()["success"] is False


def test_a_key_for_transcribing_hears_its_own_calls_only(
    server: Server, call: str, sound: bytes
) -> None:
    """Somebody else's call is as if it were not there: neither its sound nor its words come."""
    token = server.library.create_key("the shop", ["transcribe"])[1]
    key = {"authorization": f"Bearer {token}"}
    files = {"file": ("own.wav", sound)}
    brought = server.client.post("/api/recordings", files=files, headers=key).json()["recording"]
    own = f"/api/recordings/{brought['id']}"
    listed = server.client.get("/api/recordings", headers=key).json()
    assert ([each["name"] for each in listed["recordings"]], listed["total"]) == (["own.wav"], 1)
    for address, status in ((own, 200), (call, 404)):
        for part in ("", "/audio"):
            assert server.client.get(address + part, headers=key).status_code == status
        asked = server.client.post(f"{address}/transcribe-whisperx", json={}, headers=key)
        assert asked.status_code == status
    assert server.client.delete(own, headers=key).status_code == 403


def test_a_broken_request_says_what_is_wrong(server: Server, call: str) -> None:
    """In the shape of the contract."""
    url = f"{call}/transcribe-whisperx"
    for body in ("not json", "[1]", '{"batch_size": 0}', '{"preset": "best"}'):
        answer = server.client.post(url, content=body)
        assert answer.status_code == 400
        assert answer.json()["success"] is False
