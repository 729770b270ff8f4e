"""`stenograf models`, the names of the brief, and `doctor`."""

from __future__ import annotations

import json
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stenograf.cli.main import main
from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.hub import FakeHub
from stenograf.testing.weights import CTRANSLATE2_FILES, PIPELINE_FILES

ROOT = Path(__file__).parents[2]
SMALL = "Systran/faster-whisper-small"
SILENT = "an address that swallows packets"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A hub with the default model."""
    with FakeHub() as hub:
        hub.add(SMALL, CTRANSLATE2_FILES)
        yield hub


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A user without any model, token or settings of their own, in a folder without `.env`."""
    ours = {
        "STENOGRAF_MODELS_DIR": str(tmp_path / "models"),
        "HF_HOME": str(tmp_path / "hf"),
        "WHISPER_CACHE_DIR": str(tmp_path / "whisper"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "HF_ENDPOINT": "http://127.0.0.1:9",  # the discard port: nobody answers
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
    }
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGINGFACE_"))]:
        monkeypatch.delenv(name)
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return dict(os.environ)


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Here = Callable[..., Done]


@pytest.fixture
def here(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Here:
    """The command, or a script of the brief, without the second that a new process needs."""

    def call(*args: str, script: str | None = None) -> Done:
        start: Callable[..., object] = partial(main, args)
        if script is not None:
            monkeypatch.setattr("sys.argv", [script, *args])
            start = partial(runpy.run_path, str(ROOT / "compat" / script), run_name="__main__")
        with pytest.raises(SystemExit) as left:
            start()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return call


def run(environment: dict[str, str], *args: str) -> Done:
    """The command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "stenograf", *args], env=environment, capture_output=True, text=True,
        encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def printed(done: Done) -> Any:
    """The JSON on standard output."""
    return json.loads(done.stdout)


def test_pull_where_list_and_remove(
    here: Here, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, hub: FakeHub
) -> None:
    """The whole life of a model, each step told."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    target = Path(environment["STENOGRAF_MODELS_DIR"]) / "small"
    pulled = here("models", "pull", "small")
    assert (pulled.returncode, pulled.stdout.strip()) == (0, f"small: {target}")
    assert f"Fetching small (0 MB) from {SMALL}" in pulled.stderr
    story = printed(here("models", "where", "small", "--json"))
    assert story["path"] == str(target)
    (only,) = printed(here("models", "list", "--installed", "--json"))
    assert (only["name"], only["path"]) == ("small", str(target))
    assert only["disk_bytes"] > 0
    assert here("models", "remove", "small").stdout.strip() == f"Removed {target}"
    assert not target.exists()


def test_where_names_the_other_form_and_the_way_to_convert_it(here: Here, tmp_path: Path) -> None:
    """The story of the brief: `medium.pt` is here and faster-whisper cannot read it."""
    (tmp_path / "whisper").mkdir()
    whisper: dict[str, object] = {"dims": {}, "model_state_dict": {}}
    path = write_checkpoint(tmp_path / "whisper" / "medium.pt", whisper)
    done = here("models", "where", "medium")
    assert done.returncode == 4
    assert f"- {path}: OpenAI Whisper checkpoint (.pt), which another engine reads" in done.stdout
    assert f"stenograf models convert {path}" in done.stdout


def test_the_list_shows_every_model_with_size_and_licence(here: Here) -> None:
    """For people; wide enough when piped."""
    done = here("models", "list")
    assert done.returncode == 0
    assert "large-v3-turbo" in done.stdout
    assert "MIT (needs an account)" in done.stdout


def test_unreachable_hub_is_an_error_with_a_code(here: Here) -> None:
    """Sentence, hint, code and the exit status of model errors."""
    done = here("models", "pull", "small", "-q")
    assert done.returncode == 4
    assert "code: model.no_connection" in done.stderr
    assert "stenograf models import" in done.stderr


@pytest.mark.parametrize("option", [["--offline"], []])
def test_offline_pull_says_what_to_bring(
    here: Here, monkeypatch: pytest.MonkeyPatch, option: list[str]
) -> None:
    """By option and by setting."""
    if not option:
        monkeypatch.setenv("STENOGRAF_OFFLINE", "1")
    done = here("models", "pull", "tiny", *option)
    assert done.returncode == 4
    assert "code: model.offline" in done.stderr
    assert "https://huggingface.co/Systran/faster-whisper-tiny" in done.stderr


@contextmanager
def swallowing_port() -> Iterator[int]:
    """A port whose queue of connections is full: the next ones get no answer at all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("args", "endpoint"),
    [
        (["models", "pull", "small"], "http://127.0.0.1:9"),  # refused
        (["models", "pull", "small"], "http://hub.invalid"),  # no such name
        (["models", "pull", "small"], SILENT),
        (["models", "pull", "ge2e"], "http://127.0.0.1:9"),
        (["models", "pull", "medium.pt"], "http://127.0.0.1:9"),
    ],
)
def test_without_a_network_every_command_ends_and_names_the_way_by_hand(
    environment: dict[str, str], args: list[str], endpoint: str
) -> None:
    """Hosts that refuse, have no name or stay silent longer than anybody waits."""
    with swallowing_port() as port:
        silent = f"http://127.0.0.1:{port}"
        environment |= {"HF_ENDPOINT": silent if endpoint == SILENT else endpoint}
        environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "", "PIP_FIND_LINKS": ""}
        environment |= {"PIP_INDEX_URL": f"{silent}/simple", "PIP_EXTRA_INDEX_URL": ""}
        if "medium.pt" in args:
            environment["HTTPS_PROXY"] = silent
        done = run(environment, *args)
    assert (done.returncode, "code: model.no_connection" in done.stderr) == (4, True)
    assert "import PATH" in done.stderr


def test_doctor_is_one_screen_and_never_shows_a_token(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every area is there, the token only as present, the unreachable hub with its fix."""
    monkeypatch.setenv("HF_TOKEN", "hf_secretsecret")
    done = here("doctor", "--json")
    checks = printed(done)
    assert done.returncode == 0
    assert "secret" not in done.stdout + done.stderr
    assert {check["area"] for check in checks} == {
        "versions", "machine", "libraries", "gpu", "hub", "places", "engines",
    }  # fmt: skip
    found = {check["name"]: check for check in checks}
    assert found["token"]["found"] == "present"
    assert found["http://127.0.0.1:9"]["code"] == "doctor.hub"
    assert found["onnxruntime"]["fault"] is False


def test_names_of_the_brief_work(here: Here, monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> None:
    """`download_model.py`, `check_model_paths.py` and `download_diarization_model.py`."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert here(script="download_model.py").returncode == 0
    paths = here(script="check_model_paths.py")
    assert paths.returncode == 0
    assert "WHISPER_CACHE_DIR" in paths.stdout
    hub.add("pyannote/speaker-diarization-3.1", PIPELINE_FILES, gated=True)
    gated = here(script="download_diarization_model.py")
    assert gated.returncode == 4
    assert "huggingface.co" in gated.stderr


def test_a_typing_error_gets_the_nearest_names(here: Here) -> None:
    """The usual cause of an unknown name."""
    done = here("models", "pull", "smal")
    assert done.returncode == 4
    assert "small" in done.stderr


@pytest.mark.e2e
def test_a_proxy_is_used_for_the_hub(environment: dict[str, str], hub: FakeHub) -> None:
    """A host that only the proxy knows: looking it up here would fail."""
    environment |= {"HF_ENDPOINT": "http://hub.test", "HTTP_PROXY": hub.url, "NO_PROXY": ""}
    environment |= {"http_proxy": hub.url, "no_proxy": ""}
    done = run(environment, "models", "pull", "small")
    assert done.returncode == 0, done.stderr
    assert {request.server for request in hub.requests} == {"hub"}
