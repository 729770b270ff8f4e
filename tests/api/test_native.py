"""Our own contract."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.api.conftest import Server

from stenograf.api.reasons import refusal

V1 = "/api/v1"


def _transcribed(server: Server, sound: bytes, **options: Any) -> str:
    """The id of a recording with a transcript."""
    id = server.bring(sound)
    asked = {"recording_id": id, "options": options}
    job = server.client.post(f"{V1}/jobs", json=asked)
    assert job.status_code == 202
    events = server.client.get(f"{V1}/jobs/{job.json()['id']}/events").text
    assert "event: done" in events
    return id


def test_a_job_tells_how_far_it_is(server: Server, sound: bytes) -> None:
    """Events carry numbers; `Last-Event-ID` continues behind one of them."""
    id = server.bring(sound)
    job = server.client.post(f"{V1}/jobs", json={"recording_id": id}).json()
    url = f"{V1}/jobs/{job['id']}"
    told = server.client.get(f"{url}/events").text
    numbers = [int(line[4:]) for line in told.splitlines() if line.startswith("id: ")]
    assert numbers == list(range(1, len(numbers) + 1))
    rest = server.client.get(f"{url}/events", headers={"last-event-id": str(numbers[-2])}).text
    assert [line for line in rest.splitlines() if line.startswith("id: ")] == [f"id: {numbers[-1]}"]
    done = server.client.get(url).json()
    assert (done["status"], done["result"]["version"]) == ("done", 1)


def test_events_of_a_job_end_with_its_recording(server: Server, sound: bytes) -> None:
    """Who deletes it while somebody watches causes no fault; asked again, there is no such job."""
    server.work.hold.set()
    id = server.bring(sound)
    job = server.client.post(f"{V1}/jobs", json={"recording_id": id}).json()["id"]
    deleting = threading.Timer(0.2, server.library.delete_recording, [id])
    deleting.start()
    strict = TestClient(
        server.app, base_url="http://localhost", headers=dict(server.client.headers)
    )
    told = strict.get(f"{V1}/jobs/{job}/events").text
    deleting.join()
    server.work.hold.clear()
    assert "event: queued" in told
    assert server.client.get(f"{V1}/jobs/{job}/events").status_code == 404


def test_a_running_job_can_be_cancelled_and_repeated(server: Server, sound: bytes) -> None:
    """It ends as cancelled; the second time it is done."""
    server.work.hold.set()
    id = server.bring(sound)
    job = server.client.post(f"{V1}/jobs", json={"recording_id": id}).json()
    url = f"{V1}/jobs/{job['id']}"
    server.client.post(f"{url}/cancel")
    assert "event: cancelled" in server.client.get(f"{url}/events").text
    server.work.hold.clear()
    assert server.client.post(f"{url}/retry").json()["status"] == "queued"
    assert "event: done" in server.client.get(f"{url}/events").text


def test_a_transcript_comes_in_every_format(server: Server, sound: bytes) -> None:
    """JSON is the document; others are files to keep."""
    id = _transcribed(server, sound)
    url = f"{V1}/recordings/{id}/transcript"
    document = server.client.get(url).json()
    assert document["recording"]["name"] == "call.wav"
    text = server.client.get(url, params={"format": "srt"})
    assert text.headers["content-disposition"].endswith("call.srt")
    assert server.client.get(url, params={"format": "docx"}).content[:2] == b"PK"
    assert server.client.get(url, params={"format": "pdf"}).json()["error"]["code"] == (
        "option.invalid"
    )


def test_edits_make_versions_and_are_never_lost(server: Server, sound: bytes) -> None:
    """A change on top of an old version is refused; an older one can be restored."""
    id = _transcribed(server, sound)
    url = f"{V1}/recordings/{id}"
    edit = {"version": 1, "words": [{"index": 0, "text": "thus"}], "note": "style"}
    assert server.client.patch(f"{url}/transcript", json=edit).json()["version"] == 2
    late = server.client.patch(f"{url}/transcript", json=edit)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "library.conflict")
    words = server.client.get(f"{url}/transcript").json()["words"]
    assert words[0]["text"] == "thus"
    restored = server.client.post(f"{url}/transcript/restore", params={"version": 1})
    assert restored.json()["version"] == 3
    history = server.client.get(f"{url}/history").json()
    assert [each["made_by"] for each in history] == ["edit", "edit", "job"]


def test_an_edit_of_what_is_not_there_is_refused(server: Server, sound: bytes) -> None:
    """Neither a word nor a speaker is invented."""
    id = _transcribed(server, sound)
    url = f"{V1}/recordings/{id}/transcript"
    for change in ({"index": 99, "text": "x"}, {"index": 0, "speaker": "SPEAKER_09"}):
        answer = server.client.patch(url, json={"version": 1, "words": [change]})
        assert answer.json()["error"]["code"] == "option.invalid"


def test_speakers_are_named_and_merged(server: Server, sound: bytes) -> None:
    """Each change is a version of the transcript."""
    id = _transcribed(server, sound)
    url = f"{V1}/recordings/{id}/speakers"
    assert [each["seconds"] for each in server.client.get(url).json()] == [2.0, 1.5]
    server.client.patch(f"{url}/SPEAKER_00", json={"name": "Анна", "role": "seller"})
    assert server.client.get(url).json()[0]["name"] == "Анна"
    merged = server.client.post(f"{url}/SPEAKER_01/merge", json={"into": "SPEAKER_00"})
    assert merged.json()["version"] == 3
    assert len(server.client.get(url).json()) == 1
    again = server.client.post(f"{url}/recluster", json={"speakers": 2})
    assert again.json()["error"]["code"] == "engine.unsupported"  # fakes keep no voices


def test_words_are_found_in_every_transcript(server: Server, sound: bytes) -> None:
    """With the place and who said it."""
    id = _transcribed(server, sound)
    found = server.client.get(f"{V1}/search", params={"q": "GOES"}).json()
    assert {hit["recording_id"] for hit in found["items"]} == {id}
    assert found["items"][0]["speaker"].startswith("SPEAKER_")


def test_a_large_recording_comes_in_parts(server: Server, sound: bytes) -> None:
    """A part at the wrong place is refused with the right one; the hash is checked."""
    new = {"name": "call.wav", "size_bytes": len(sound), "content_type": "audio/wav"}
    url = f"{V1}/uploads/{server.client.post(f'{V1}/uploads', json=new).json()['id']}"
    half = len(sound) // 2
    first = server.client.patch(url, content=sound[:half], headers={"upload-offset": "0"})
    assert first.json()["received_bytes"] == half
    again = server.client.patch(url, content=sound[:half], headers={"upload-offset": "0"})
    assert again.status_code == 409
    assert str(half) in again.json()["error"]["message"]
    server.client.patch(url, content=sound[half:], headers={"upload-offset": str(half)})
    wrong = server.client.post(f"{url}/finish", json={"sha256": "0" * 64})
    assert wrong.status_code >= 400
    digest = hashlib.sha256(sound).hexdigest()
    assert server.client.get(url).json()["received_bytes"] == len(sound)
    kept = server.client.post(f"{url}/finish", json={"sha256": digest}).json()
    assert kept["sha256"] == digest


def test_an_upload_is_finished_by_those_who_began_it(server: Server, sound: bytes) -> None:
    """Another key learns nothing of it, neither before nor after, nor of any other recording."""
    mine, other = (
        {"authorization": f"Bearer {server.library.create_key(name, ['transcribe'])[1]}"}
        for name in ("mine", "other")
    )
    new = {"name": "call.wav", "size_bytes": len(sound)}
    id = server.client.post(f"{V1}/uploads", json=new, headers=mine).json()["id"]
    url = f"{V1}/uploads/{id}"
    server.client.patch(url, content=sound, headers={"upload-offset": "0", **mine})
    assert server.client.post(f"{url}/finish", json={}, headers=other).status_code == 404
    for _ in range(2):
        assert server.client.post(f"{url}/finish", json={}, headers=mine).status_code == 201
    assert server.client.post(f"{url}/finish", json={}, headers=other).status_code == 404
    unknown = f"{V1}/uploads/{'0' * 32}/finish"
    assert server.client.post(unknown, json={}, headers=mine).status_code == 404


def test_peaks_follow_the_sound(server: Server, sound: bytes) -> None:
    """Eight parts of four seconds: the fifth is silent."""
    id = server.bring(sound)
    peaks = server.client.get(f"{V1}/recordings/{id}/peaks", params={"n": 8}).json()
    assert len(peaks) == 8
    assert peaks[4] < 0.01
    assert 0.2 < peaks[0] <= 1


def test_a_key_does_what_its_scopes_say(server: Server, sound: bytes) -> None:
    """A key for transcribing brings recordings and sees its own, and nothing else."""
    other = server.bring(sound)
    asked = {"name": "the shop", "scopes": ["transcribe"]}
    made = server.client.post(f"{V1}/keys", json=asked).json()
    key = {"authorization": f"Bearer {made['token']}"}
    files = {"file": ("a.wav", sound)}
    own = server.client.post(f"{V1}/recordings", files=files, headers=key).json()["id"]
    listed = server.client.get(f"{V1}/recordings", headers=key).json()["items"]
    assert [each["id"] for each in listed] == [own]
    assert server.client.get(f"{V1}/recordings/{own}", headers=key).status_code == 200
    assert server.client.get(f"{V1}/recordings/{other}", headers=key).status_code == 404
    assert server.client.delete(f"{V1}/recordings/{own}", headers=key).status_code == 403
    assert server.client.get(f"{V1}/keys", headers=key).status_code == 403
    server.client.delete(f"{V1}/keys/{made['key']['id']}")
    assert server.client.get(f"{V1}/recordings", headers=key).status_code == 401
    assert made["token"] not in json.dumps(server.client.get(f"{V1}/keys").json())


def test_too_many_waiting_jobs_are_refused_politely(server: Server, sound: bytes) -> None:
    """429 with Retry-After."""
    server.work.hold.set()
    id = server.bring(sound)
    answers = [server.client.post(f"{V1}/jobs", json={"recording_id": id}) for _ in range(8)]
    server.work.hold.clear()
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"].isdigit()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/recordings/nothing", 404),
        ("GET", "/jobs/nothing", 404),
        ("PUT", "/jobs", 405),
        ("GET", "/recordings?limit=0", 400),
        ("POST", "/jobs", 400),
    ],
)
def test_every_failure_has_the_same_shape(
    server: Server, method: str, path: str, status: int
) -> None:
    """Code, message, hint and request id, which the header repeats."""
    answer = server.client.request(method, f"{V1}{path}")
    error = answer.json()["error"]
    assert answer.status_code == status
    assert set(error) == {"code", "message", "hint", "request_id"}
    assert error["request_id"] == answer.headers["x-request-id"]


def test_errors_speak_russian_when_asked(server: Server) -> None:
    """`Accept-Language` decides; the code stays."""
    headers = {"accept-language": "ru-RU,ru;q=0.9"}
    error = server.client.get(f"{V1}/models/x/y", headers=headers).json()["error"]
    assert error["code"] == "request.no_such_route"


def test_models_are_listed_with_what_is_installed(server: Server) -> None:
    """Every model of the catalogue, none of which is here."""
    models = server.client.get(f"{V1}/models").json()
    assert {"small", "segmentation-3.0"} <= {model["name"] for model in models}
    assert not any(model["installed"] for model in models)


@pytest.mark.parametrize(
    "options",
    [
        {"speakers": "many"},
        {"speakers": 0},
        {"no_such_option": 1},
        {"engine": ["auto"]},
        {"min_speakers": 3, "max_speakers": 2},
        {"offline": False},
        {"language": {"a": 1}},
    ],
)
def test_wrong_options_are_refused_before_they_are_queued(
    server: Server, sound: bytes, options: dict[str, Any]
) -> None:
    """Nobody waits in a queue to learn of a misspelled name."""
    asked = {"recording_id": server.bring(sound), "options": options}
    answer = server.client.post(f"{V1}/jobs", json=asked)
    assert answer.status_code in {400, 422}
    assert server.services.queue.list() == []


def test_a_webhook_hears_of_a_job(server: Server, sound: bytes) -> None:
    """Its secret is shown once; what it is told waits to be delivered, and can be told again."""
    new = {"url": "http://127.0.0.1:9/hook", "events": ["job.done"]}
    made = server.client.post(f"{V1}/webhooks", json=new).json()
    url = f"{V1}/webhooks/{made['webhook']['id']}"
    assert made["secret"] not in server.client.get(f"{V1}/webhooks").text
    _transcribed(server, sound)
    told = server.client.get(f"{url}/deliveries").json()
    assert [each["event"] for each in told["items"]] == ["job.done"]
    assert server.client.post(f"{url}/ping").json()["event"] == "ping"
    again = server.client.post(f"{V1}/deliveries/{told['items'][0]['id']}/replay")
    assert again.json()["status"] == "waiting"
    assert server.client.delete(url).status_code == 204
    wrong = {"url": "ftp://example.org", "events": ["job.done"]}
    assert server.client.post(f"{V1}/webhooks", json=wrong).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/jobs", {}, "recording_id: поле не указано."),
        ("POST", "/jobs", {"recording_id": 1}, "recording_id: нужен текст."),
        ("POST", "/jobs", {"recording_id": "x", "priority": 101}, "priority: нужно не больше 100."),
        ("POST", "/jobs", {"recording_id": "x", "priority": "a"}, "priority: нужно целое число."),
        (
            "POST",
            "/jobs",
            {"recording_id": "x", "kind": "sing"},
            "kind: нужно одно из: 'transcribe', 'diarize'.",
        ),
        ("POST", "/jobs", {"recording_id": "x", "more": 1}, "more: такого поля нет."),
        (
            "POST",
            "/jobs",
            {"recording_id": "x", "options": {"diarize": "maybe"}},
            "options.diarize: нужно true или false.",
        ),
        ("POST", "/keys", {"name": "", "scopes": ["read"]}, "слишком коротко"),
        ("POST", "/keys", {"name": "a", "scopes": "read"}, "scopes: нужен список."),
        ("GET", "/recordings?limit=0", None, "limit: нужно не меньше 1."),
        ("POST", "/jobs", "no object", "body: нужен объект."),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_russian(
    server: Server, method: str, path: str, body: object, said: str
) -> None:
    """All of it: the names of fields and values are the only other words."""
    headers = {"accept-language": "ru"}
    answer = server.client.request(method, f"{V1}{path}", json=body, headers=headers)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    english = server.client.request(method, f"{V1}{path}", json=body).json()["error"]["message"]
    assert english.isascii()


def test_what_pydantic_calls_by_another_name_keeps_its_words() -> None:
    """A type that it adds one day is told in English rather than not at all."""
    found = {"type": "new_one", "loc": ("query", "a", 1), "msg": "Not so.", "ctx": {"b": 2}}
    assert str(refusal(found)) == "a.1: Not so."
