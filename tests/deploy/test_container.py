"""The Dockerfile's steps in a clean Debian, and its command as compose starts it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from tools.container.image import Image, build
from tools.container.running import Container, Service, started

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
TOKEN = "a_secure_random_token_for_tests"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for roots and volumes that other users can pass through."""
    assert os.geteuid() == 0, "roots and namespaces are made by root"
    with TemporaryDirectory(prefix="stenograf-image-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def image(place: Path) -> Image:
    """The Dockerfile's last stage."""
    dockerfile = ROOT / "deploy/docker/Dockerfile"
    return build(dockerfile, ROOT, place, arguments={"VERSION": "9.8.7"})


def service() -> Service:
    """Compose's own words about it; no model may be fetched."""
    described = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]["stenograf"]
    described["environment"]["STENOGRAF_OFFLINE"] = "1"
    return Service.read(described, {"STENOGRAF_TOKEN": TOKEN})


@contextmanager
def healthy(image: Image, folder: Path) -> Iterator[Container]:
    """A container that its own health check found well; what it printed is shown at the end."""
    with started(image, service(), folder, folder / "log") as running:
        try:
            wait_until_healthy(running)
            yield running
        finally:
            print((folder / "log").read_text())


def wait_until_healthy(container: Container) -> None:
    """By the image's own health check, within a minute."""
    check = container.image.config.healthcheck
    assert check is not None
    deadline = time.monotonic() + 60
    while (done := container.run(check.command)).returncode != 0:
        assert container.process.poll() is None, "the command ended"
        assert time.monotonic() < deadline, done.stderr
        time.sleep(0.5)


@pytest.fixture(scope="module")
def container(image: Image, place: Path, assets: Path) -> Iterator[Container]:
    """A healthy one, with the speaker encoder brought into its volume."""
    with healthy(image, place) as running:
        brought = shutil.copytree(assets / "models/ge2e", place / "stenograf/models/ge2e")
        subprocess.run(["chmod", "-R", "a+rX", brought.parent], check=True)
        yield running


def asked(container: Container, path: str, *curl: str) -> Any:
    """The JSON that this machine's curl gets at the port that the image exposes."""
    (port,) = container.image.config.ports
    address = f"http://127.0.0.1:{port}{path}"
    token = f"Authorization: Bearer {TOKEN}"
    done = container.from_outside(["curl", "--silent", "--header", token, *curl, address])
    return json.loads(done.stdout)


def model(name: str) -> tuple[str, ...]:
    """An English recording, for the model of that name."""
    return ("-F", "language=en", "-F", f"model={name}")


def test_the_exposed_port_answers(container: Container) -> None:
    """/health, and /ready with the worker that compose asks for."""
    assert asked(container, "/health")["status"] == "healthy"
    assert asked(container, "/ready") == {"status": "ready", "workers": 1}


def test_process_one_is_an_ordinary_user_without_capabilities(container: Container) -> None:
    """The image's number, no privilege, and no way to a new one."""
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{container.inner}/status").read_text().splitlines()
    )
    assert status["Uid"].split() == status["Gid"].split() == ["10001"] * 4
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")} == {0}
    assert status["NoNewPrivs"].strip() == "1"


@pytest.mark.parametrize("user", ["10001:10001", "0:0"])
def test_the_root_cannot_be_written(container: Container, user: str) -> None:
    """By nobody, root included."""
    for path in ("/probe", "/etc/probe", "/opt/stenograf/bin/probe"):
        done = container.run(["touch", path], user=user)
        assert done.returncode == 1
        assert "Read-only file system" in done.stderr


def test_data_and_tmp_can_be_written(container: Container) -> None:
    """By the image's user: the volume, and the tmpfs of compose."""
    (tmpfs,) = container.service.memory
    done = container.run(["touch", "/data/probe", "/data/tmp/probe", f"{tmpfs}/probe"])
    assert done.returncode == 0, done.stderr


def test_the_image_is_without_torch(container: Container) -> None:
    """And says which version it is of."""
    assert container.run(["python", "-c", "import torch"]).returncode == 1
    assert container.run(["stenograf", "--version"]).stdout == "stenograf, version 9.8.7\n"


def test_it_tells_who_said_what(container: Container, assets: Path) -> None:
    """Words by PocketSphinx, whose model comes with it, and two speakers."""
    jfk = f"file=@{assets / 'audio/asr/jfk.flac'}"
    words = asked(container, "/v1/audio/transcriptions", "-F", jfk, *model("whisper-1"))
    assert "country" in words["text"]
    call = next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))
    turns = asked(container, "/diarize", "-F", f"file=@{call}")["speakers"]
    assert len({turn["speaker"] for turn in turns}) == 2


def test_a_model_that_is_not_there_is_refused_by_name(container: Container, assets: Path) -> None:
    """With an error code, not with a hang or a stack trace."""
    jfk = f"file=@{assets / 'audio/asr/jfk.flac'}"
    refused = asked(container, "/v1/audio/transcriptions", "-F", jfk, *model("small"))
    assert refused["error"]["code"] == "model_not_found"


def test_a_stopped_container_leaves_its_recordings_to_the_next(
    image: Image, place: Path, assets: Path
) -> None:
    """SIGTERM to process 1 ends it with 0 within compose's grace; the volume outlives it, and the
    test itself leaves no process behind.
    """
    folder = place / "next"
    folder.mkdir()
    jfk = f"file=@{assets / 'audio/asr/jfk.flac'}"
    with healthy(image, folder) as first:
        recording = asked(first, "/api/v1/recordings", "-F", jfk)
        assert first.stop() == 0
    with healthy(image, folder) as second:
        assert (
            asked(second, f"/api/v1/recordings/{recording['id']}")["sha256"] == recording["sha256"]
        )
        process_1 = second.inner
    assert not Path(f"/proc/{process_1}").exists()
