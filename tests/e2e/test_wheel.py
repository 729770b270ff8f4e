"""The wheel in an empty environment, as the Dockerfile makes it: an ordinary user with no home.

The sources are read-only for that user, and it may write to one data folder.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
NOBODY = 10001
"""The user of the image."""

FOREIGN = ("STENOGRAF_", "PYTHON", "HOME", "XDG_", "VIRTUAL_ENV", "HF_", "WHISPER_")


class Place(NamedTuple):
    """An installation in a folder that belongs to nobody else."""

    folder: Path

    def environ(self) -> dict[str, str]:
        """As the image sets it, besides what pip needs to reach its index."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        data = self.folder / "data"
        return kept | {
            "HOME": "/nonexistent",
            "TMPDIR": str(data / "tmp"),
            "STENOGRAF_DATA_DIR": str(data / "library"),
            "STENOGRAF_MODELS_DIR": str(data / "models"),
            "HF_HOME": str(data / "hub"),
            "STENOGRAF_OFFLINE": "1",
        }

    def start(self, *command: object) -> subprocess.Popen[str]:
        """A command as the ordinary user."""
        is_root = os.geteuid() == 0
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=self.folder,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=NOBODY if is_root else None,
            group=NOBODY if is_root else None,
            extra_groups=[] if is_root else None,
        )

    def run(self, *command: object) -> str:
        """What the command printed."""
        process = self.start(*command)
        printed, _ = process.communicate(timeout=600)
        assert process.returncode == 0, printed
        return printed

    @property
    def program(self) -> Path:
        """The installed command."""
        return self.folder / "venv/bin/stenograf"


def interpreter() -> str:
    """A Python that the ordinary user can run; one in root's home folder cannot be."""
    user = NOBODY if os.geteuid() == 0 else None
    for path in (f"{sys.base_prefix}/bin/python3", "/usr/bin/python3"):
        try:
            subprocess.run([path, "--version"], user=user, check=True, capture_output=True)
        except PermissionError:
            continue
        return path
    raise AssertionError("there is no Python that an ordinary user can run")


@pytest.fixture(scope="module")
def installed(assets: Path) -> Iterator[Place]:
    """`pip wheel`, then `pip install` of that wheel, both as the ordinary user."""
    with TemporaryDirectory(prefix="stenograf-") as name:
        folder = Path(name)
        source = folder / "source"
        source.mkdir()
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, source)
        shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(assets / "models/ge2e", folder / "data/models/ge2e")
        (folder / "data/tmp").mkdir()
        (folder / "dist").mkdir()
        (folder / "venv").mkdir()
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(source)], check=True)
        subprocess.run(["chmod", "-R", "u+w", str(folder / "data")], check=True)
        if os.geteuid() == 0:
            folder.chmod(0o755)
            for own in ("data", "dist", "venv"):
                subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", folder / own], check=True)
        place = Place(folder)
        place.run(interpreter(), "-m", "venv", folder / "venv")
        pip = (folder / "venv/bin/python", "-m", "pip", "--quiet", "--no-cache-dir")
        place.run(*pip, "wheel", "--no-deps", "--wheel-dir", folder / "dist", source)
        (wheel,) = (folder / "dist").glob("*.whl")
        place.run(*pip, "install", f"{wheel}[server,offline]")
        yield place
        subprocess.run(["chmod", "-R", "u+w", str(source)], check=True)


def test_the_wheel_transcribes(installed: Place, assets: Path) -> None:
    """PocketSphinx hears "country"; nothing but the wheel and its requirements is there."""
    jfk = assets / "audio/asr/jfk.flac"
    to = (
        "--format",
        "json",
        "--output",
        installed.folder / "data",
        "--language",
        "en",
        "--no-diarize",
    )
    installed.run(installed.program, "transcribe", jfk, *to)
    document = json.loads((installed.folder / "data/jfk.json").read_text())
    assert "country" in json.dumps(document)


def test_the_wheel_serves(installed: Place) -> None:
    """Ready with a worker, and 0 after SIGTERM."""
    port = free_port()
    server = installed.start(installed.program, "serve", "--port", port)
    try:
        assert ready(f"http://127.0.0.1:{port}/ready") == {"status": "ready", "workers": 1}
    finally:
        server.send_signal(signal.SIGTERM)
        printed, _ = server.communicate(timeout=30)
    assert server.returncode == 0, printed


def ready(address: str) -> object:
    """What it answers as soon as it does."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=5) as answer:
                return json.load(answer)
        except URLError:  # not yet
            time.sleep(0.2)
    raise AssertionError(address)
