"""Minutes over HTTP: made by jobs, or at once of the transcript's own sentences."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from inspect import signature
from typing import Any
from urllib.parse import unquote

import pytest
from tests.api.conftest import Server

from stenograf.api.native.minutes import MinutesRequest
from stenograf.api.room import Room, no_more_minutes
from stenograf.cli.minutes import minutes
from stenograf.client import Client
from stenograf.core.errors import LanguageModelUnreachableError
from stenograf.jobs.minuting import MinutesWanted
from stenograf.minutes.json import read_minutes
from stenograf.minuting import make_minutes
from stenograf.testing.documents import CALL
from stenograf.testing.scribe import QUESTIONS

V1 = "/api/v1"


@pytest.fixture
def call(server: Server) -> str:
    """The address of the minutes of a recording with a transcript."""
    id = server.bring(b"sound", name="Звонок 7.mp3")
    server.library.save_transcript(id, CALL)
    return f"{V1}/recordings/{id}/minutes"


def _made(server: Server, url: str, **asked: Any) -> dict[str, Any]:
    """The job of the minutes that were asked for, when it is over."""
    job = server.client.post(url, json=asked)
    assert job.status_code == 202, job.text
    return _over(server, job.json()["id"])


def _over(server: Server, job_id: str) -> dict[str, Any]:
    server.client.get(f"{V1}/jobs/{job_id}/events")
    found: dict[str, Any] = server.client.get(f"{V1}/jobs/{job_id}").json()
    return found


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_job_makes_minutes_that_are_kept(server: Server, call: str) -> None:
    """With the options that were asked for; events tell the stage, notices and the end."""
    job = _made(server, call, title="Планёрка", max_points=3)
    assert (job["kind"], job["status"], job["result"]["version"]) == ("minutes", "done", 1)
    assert job["options"] == {"method": "auto", "title": "Планёрка", "max_points": 3}
    told = server.client.get(f"{V1}/jobs/{job['id']}/events").text
    assert '"stage":"minutes"' in told
    assert '"code":"minutes.unfounded"' in told
    answer = server.client.get(call)
    assert (answer.json()["title"], answer.json()["model"]) == ("Планёрка", "notes")
    assert answer.headers["x-transcript-version"] == "1"
    [kept] = server.library.minutes(job["recording_id"])
    assert job["result"]["minutes_id"] == kept.id


def test_without_kept_minutes_they_are_extracted_at_once(server: Server, call: str) -> None:
    """And nothing is stored; who wants those of a language model hears that there are none."""
    answer = server.client.get(call)
    assert (answer.status_code, answer.json()["method"]) == (200, "extractive")
    assert answer.json()["recording"] == CALL.recording.name
    assert server.library.minutes(call.split("/")[4]) == []
    missing = server.client.get(call, params={"method": "model"})
    assert _code(missing) == (404, "library.minutes_not_found")


def test_the_method_chooses_between_kept_and_fresh_minutes(server: Server, call: str) -> None:
    """`auto` is the newest of any kind, `model` the newest by a model, `extractive` is made now."""
    object.__setattr__(server.services, "has_language_model", True)
    _made(server, call, method="model", title="by a model")
    _made(server, call, method="extractive", title="by a job")

    def title(**params: str) -> str:
        return str(server.client.get(call, params=params).json()["title"])

    assert title() == title(method="auto") == "by a job"
    assert title(method="model") == "by a model"
    assert title(method="extractive") not in {"by a job", "by a model"}


def test_minutes_come_in_every_format(server: Server, call: str) -> None:
    """Files are called like the recording, in whatever letters; JSON is the document."""
    _made(server, call, title="Планёрка")
    for format, start in {"md": "# Планёрка", "txt": "Планёрка", "docx": "PK"}.items():
        answer = server.client.get(call, params={"format": format})
        assert answer.content.decode("utf-8", "replace").startswith(start)
        disposition = unquote(answer.headers["content-disposition"])
        assert disposition == f"attachment; filename*=UTF-8''Звонок 7.minutes.{format}"
    whole = server.client.get(call, params={"format": "json"})
    assert "content-disposition" not in whole.headers
    assert read_minutes(whole.content).title == "Планёрка"
    unknown = server.client.get(call, params={"format": "srt"})
    assert _code(unknown) == (422, "option.invalid")


def test_minutes_of_an_older_transcript_say_so(server: Server, call: str) -> None:
    """In each format, with both versions, until they are made again."""
    _made(server, call)
    id = call.split("/")[4]
    server.library.save_transcript(id, replace(CALL, words=CALL.words[1:]), made_by="edit")
    old = server.client.get(call)
    [notice] = [each for each in old.json()["notices"] if each["code"] == "minutes.stale"]
    assert notice["details"] == {"version": 1, "newest": 2}
    assert old.headers["x-transcript-version"] == "1"
    fresh = server.client.get(call, params={"method": "extractive"})
    assert fresh.headers["x-transcript-version"] == "2"
    _made(server, call)
    new = server.client.get(call)
    assert new.headers["x-transcript-version"] == "2"
    assert "minutes.stale" not in new.text


def test_a_language_model_that_is_not_there_is_missed_at_once(server: Server, call: str) -> None:
    """No job begins; `auto` and `extractive` need none."""
    answer = server.client.post(call, json={"method": "model"})
    assert _code(answer) == (422, "language_model.missing")
    assert server.services.queue.list() == []
    assert _made(server, call, method="extractive")["result"]["method"] == "extractive"


def test_there_are_no_minutes_without_a_transcript(server: Server) -> None:
    """Neither submitted nor extracted, and none at all of a recording that nobody brought."""
    untouched = f"{V1}/recordings/{server.bring(b'sound')}/minutes"
    unknown = f"{V1}/recordings/{'0' * 32}/minutes"
    for url, code in {
        untouched: "library.transcript_not_found",
        unknown: "library.recording_not_found",
    }.items():
        assert _code(server.client.get(url)) == (404, code)
        assert _code(server.client.post(url, json={})) == (404, code)


def test_minutes_have_the_same_options_everywhere() -> None:
    """Under the same names and with the same defaults in HTTP, jobs, both Pythons and the shell."""
    asked = {name: field.default for name, field in MinutesRequest.model_fields.items()}
    assert asdict(MinutesWanted()) == asked
    for make in (make_minutes, Client.make_minutes):
        found = signature(make).parameters
        assert {name: found[name].default for name in asked} == asked
    at_the_shell = {option.name: option.default for option in minutes.params}
    assert asked.keys() <= at_the_shell.keys()


def test_a_request_that_makes_no_sense_is_refused(server: Server, call: str) -> None:
    """Before anything is queued."""
    for asked in (
        {"method": "sing"},
        {"max_points": 0},
        {"max_points": 101},
        {"title": "x" * 301},
        {"speakers": 2},
        {"title": 1},
    ):
        assert server.client.post(call, json=asked).status_code in {400, 422}, asked
    assert server.client.get(call, params={"method": "sing"}).status_code in {400, 422}
    assert server.services.queue.list() == []


def test_minutes_in_the_making_can_be_cancelled_and_made_after_all(
    server: Server, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second attempt asks only what was not answered in the first."""
    monkeypatch.setattr("stenograf.jobs.attempt.BEAT_S", 0.02)
    scribe = server.work.scribe
    scribe.hold.set()
    job = server.client.post(call, json={}).json()
    _until_asked(server, job["id"])
    server.client.post(f"{V1}/jobs/{job['id']}/cancel")
    assert _over(server, job["id"])["status"] == "cancelled"
    assert server.library.minutes(job["recording_id"]) == []
    scribe.hold.clear()
    assert server.client.post(f"{V1}/jobs/{job['id']}/retry").json()["status"] == "queued"
    assert _over(server, job["id"])["status"] == "done"
    assert scribe.asked == list(QUESTIONS)


def _until_asked(server: Server, job_id: str) -> None:
    """Until the language model has answered once."""
    with server.client.stream("GET", f"{V1}/jobs/{job_id}/events") as told:
        for line in told.iter_lines():
            if '"fraction":0.33' in line:
                return
    pytest.fail("it never got so far")


def test_a_language_model_that_comes_back_is_asked_again(server: Server, call: str) -> None:
    """Three attempts while it is away, then the reason; a retry goes on with what is missing."""
    scribe = server.work.scribe
    away = LanguageModelUnreachableError("Nobody answers at {url}.", url="http://llm")
    scribe.failures["whole"] = away
    job = _made(server, call)
    assert (job["status"], job["attempt"]) == ("failed", 3)
    assert job["error"]["code"] == "language_model.unreachable"
    scribe.failures.clear()
    server.client.post(f"{V1}/jobs/{job['id']}/retry")
    assert _over(server, job["id"])["status"] == "done"
    assert scribe.asked == ["part-0", "part-1", *["whole"] * 4]


def test_a_webhook_hears_of_minutes(server: Server, call: str) -> None:
    """As of any other job, by its kind."""
    new = {"url": "http://127.0.0.1:9/hook", "events": ["job.done"]}
    hook = server.client.post(f"{V1}/webhooks", json=new).json()["webhook"]["id"]
    job = _made(server, call)
    [told] = server.services.webhooks.deliveries(hook).items
    said = json.loads(told.body)
    assert (said["data"]["job_id"], said["data"]["kind"]) == (job["id"], "minutes")
    assert said["data"]["result"] == job["result"]


def test_a_key_makes_minutes_of_what_it_brought(server: Server, call: str) -> None:
    """A key that may only transcribe sees its own, one that may only read makes none."""
    scribe, scribe_key = server.library.create_key("t", ["transcribe"])
    _, reader_key = server.library.create_key("r", ["read"])
    files = {"file": ("a.wav", b"sound")}
    server.client.headers["authorization"] = f"Bearer {scribe_key}"
    own_id = server.client.post(f"{V1}/recordings", files=files).json()["id"]
    server.library.save_transcript(own_id, CALL)
    own = f"{V1}/recordings/{own_id}/minutes"
    assert _made(server, own)["status"] == "done"
    assert server.client.get(own).status_code == 200
    assert server.library.minutes(own_id)[0].key_id == scribe.id
    assert _code(server.client.get(call)) == (404, "library.recording_not_found")
    assert _code(server.client.post(call, json={})) == (404, "library.recording_not_found")
    server.client.headers["authorization"] = f"Bearer {reader_key}"
    assert server.client.get(call).status_code == 200
    assert server.client.post(call, json={}).status_code == 403
    del server.client.headers["authorization"]
    assert server.client.get(call).status_code == 401


def test_more_minutes_at_once_than_there_is_room_for_are_refused(server: Server, call: str) -> None:
    """Politely, and only where they would have to be made; kept ones cost nothing."""
    server.app.state.minutes = Room(0, no_more_minutes)
    busy = server.client.get(call)
    assert _code(busy) == (429, "request.busy")
    assert int(busy.headers["retry-after"]) > 0
    _made(server, call)
    assert server.client.get(call).status_code == 200
