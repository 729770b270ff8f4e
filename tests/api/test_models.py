"""Models brought, removed and examined over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from tests.api.conftest import Server

from stenograf.library import Scope
from stenograf.testing.hub import FakeHub
from stenograf.testing.weights import CTRANSLATE2_FILES

V1 = "/api/v1"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub with one model."""
    with FakeHub() as hub:
        hub.add("Systran/faster-whisper-tiny", CTRANSLATE2_FILES)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def _installed(server: Server, name: str) -> bool:
    models = server.client.get(f"{V1}/models").json()
    return any(model["installed"] for model in models if model["name"] == name)


def _job(server: Server, name: str) -> dict[str, Any]:
    """The job that was to bring a model, when it is over."""
    asked = server.client.post(f"{V1}/models/{name}/install")
    assert asked.status_code == 202, asked.text
    url = f"{V1}/jobs/{asked.json()['id']}"
    told = server.client.get(f"{url}/events").text
    return {**server.client.get(url).json(), "told": told}


@pytest.mark.usefixtures("hub")
def test_a_model_is_installed_by_a_job_and_removed(server: Server) -> None:
    """The job tells what is fetched and how far it is; a model that is here costs nothing."""
    job = _job(server, "tiny")
    assert (job["kind"], job["status"], job["result"]) == ("install", "done", {"model": "tiny"})
    assert job["recording_id"] is None
    assert "Fetching tiny" in job["told"]
    assert '"stage":"install","fraction":1.0' in job["told"]
    assert _installed(server, "tiny")
    assert _job(server, "tiny")["status"] == "done"
    assert server.client.delete(f"{V1}/models/tiny").status_code == 204
    assert not _installed(server, "tiny")
    again = server.client.delete(f"{V1}/models/tiny")
    assert again.json()["error"]["code"] == "model.missing"


@pytest.mark.parametrize(
    "name", ["no-such-model", "../../etc/passwd", "%2Fetc%2Fpasswd", "..%2F..%2Fetc", "a%00b", "-"]
)
def test_a_name_that_nobody_knows_is_refused_before_anything_begins(
    server: Server, name: str
) -> None:
    """A path is no name here, whatever lies there."""
    answer = server.client.post(f"{V1}/models/{name}/install")
    assert answer.status_code == 404
    assert server.client.delete(f"{V1}/models/{name}").status_code == 404
    assert server.services.queue.list() == []


def test_a_server_without_network_says_so_at_once(server: Server) -> None:
    """With the way by hand, and without a job that could only fail."""
    shelf = replace(server.services.shelf, offline=True)
    object.__setattr__(server.services, "shelf", shelf)
    answer = server.client.post(f"{V1}/models/tiny/install")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "model.offline")
    assert "stenograf models import" in error["hint"]
    assert server.services.queue.list() == []


@pytest.mark.usefixtures("hub")
def test_a_full_disk_is_what_the_job_failed_with(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried as often as any job, and nothing of it is taken for a model."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    job = _job(server, "tiny")
    assert (job["status"], job["error"]["code"]) == ("failed", "output.disk_full")
    assert job["attempt"] == job["max_attempts"]
    assert not _installed(server, "tiny")


def test_a_hub_that_is_gone_is_what_the_job_failed_with(server: Server, hub: FakeHub) -> None:
    """Once it is back, the same job can be tried again."""
    hub.stop()
    job = _job(server, "tiny")
    assert (job["status"], job["error"]["code"]) == ("failed", "model.no_connection")
    assert "stenograf models import" in job["error"]["hint"]


def test_only_administrators_change_models(server: Server) -> None:
    """Nor may others cancel or repeat what an administrator began."""
    scopes: list[Scope] = ["read", "write", "transcribe"]
    _, token = server.library.create_key("all but admin", scopes)
    key = {"authorization": f"Bearer {token}"}
    server.work.hold.set()
    sound = server.client.post(f"{V1}/jobs", json={"recording_id": server.bring(b"x")}).json()
    job = server.client.post(f"{V1}/models/tiny/install").json()
    for method, path in (
        ("POST", "models/tiny/install"),
        ("DELETE", "models/tiny"),
        ("GET", "models/doctor"),
        ("POST", f"jobs/{job['id']}/cancel"),
        ("POST", f"jobs/{job['id']}/retry"),
    ):
        assert server.client.request(method, f"{V1}/{path}", headers=key).status_code == 403
    assert server.client.post(f"{V1}/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
    assert server.client.post(f"{V1}/jobs/{sound['id']}/cancel", headers=key).status_code == 200
    server.work.hold.clear()


def test_the_doctor_is_asked_over_http(server: Server) -> None:
    """What was looked at, what is wrong and what to do, in the language that is asked for."""
    url = f"{V1}/models/doctor"
    (check,) = server.client.get(url).json()
    assert (check["area"], check["name"], check["fault"]) == ("hub", "token", True)
    assert check["code"] == "doctor.hub"
    assert "no route" in check["message"]
    (russian,) = server.client.get(url, headers={"accept-language": "ru"}).json()
    assert "Проверьте" in russian["hint"]
