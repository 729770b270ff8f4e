"""The wheel of `make release` in an empty environment: an ordinary user with no home.

It may write to one data folder. The sources are a checkout of their own, at a tag.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from tests.deploy.test_version import checkout, tag
from tests.ports import free_port
from tools.release.steps import EXTRAS, Built, build, report

from stenograf.core.distribution import with_extra

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
    def python(self) -> Path:
        """The interpreter beside the command."""
        return self.folder / "venv/bin/python"

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
def released(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The packages as a checkout of this tree at the tag v9.8.7 gives them."""
    folder = tmp_path_factory.mktemp("release")
    source = checkout(folder / "source")
    tag(source, "v9.8.7")
    return build(source, folder / "dist")


@pytest.fixture(scope="module")
def installed(released: Built, assets: Path) -> Iterator[Place]:
    """`pip install` of the wheel with the extras of the report, as the ordinary user."""
    with TemporaryDirectory(prefix="stenograf-") as name:
        folder = Path(name)
        shutil.copytree(assets / "models/ge2e", folder / "data/models/ge2e")
        (folder / "data/tmp").mkdir()
        (folder / "venv").mkdir()
        wheel = shutil.copy(released.wheel, folder)
        subprocess.run(["chmod", "-R", "u+w", str(folder / "data")], check=True)
        if os.geteuid() == 0:
            folder.chmod(0o755)
            for own in ("data", "venv"):
                subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", folder / own], check=True)
        place = Place(folder)
        place.run(interpreter(), "-m", "venv", folder / "venv")
        place.run(
            place.python, "-m", "pip", "-q", "--no-cache-dir", "install", f"{wheel}[{EXTRAS}]"
        )
        yield place


def test_both_packages_hold_every_file_of_the_program(released: Built) -> None:
    """Migrations, translations, the catalog, py.typed; and the version, which git alone knew."""
    program = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    } | {"stenograf/_stamp.py"}
    with ZipFile(released.wheel) as wheel, tarfile.open(released.sdist) as sdist:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
        top = "stenograf_local-9.8.7/"
        sources = {name.removeprefix(top) for name in sdist.getnames()}
    assert packed == program
    assert sources >= {f"src/{name}" for name in program} | {"LICENSE", "PKG-INFO", "Makefile"}


def test_the_version_is_the_tags(installed: Place, released: Built) -> None:
    """In the names of both packages, and in what the command says."""
    assert released.version == "9.8.7"
    assert released.sdist.name == "stenograf_local-9.8.7.tar.gz"
    assert installed.run(installed.program, "--version") == "stenograf, version 9.8.7\n"


def test_the_hint_for_a_missing_extra_asks_no_index_for_us(installed: Place) -> None:
    """pip takes the installed package for `stenograf-local[offline]`, whoever owns the name."""
    said = installed.run(
        installed.python, "-m", "pip", "install", "--no-index", with_extra("offline")
    )
    assert "Requirement already satisfied: stenograf-local[offline]" in said


def test_the_report_names_all_that_is_installed(
    installed: Place, released: Built, tmp_path: Path
) -> None:
    """Each package in the bill and among the licences, all allowed; the checksums hold."""
    folder = shutil.copytree(released.wheel.parent, tmp_path / "dist")
    bill, licences, sums = report(installed.python, released.version, folder)
    components = {each["name"] for each in json.loads(bill.read_text())["components"]}
    pip = (installed.python, "-m", "pip", "--no-cache-dir")  # its warnings would be in the JSON
    listed = json.loads(installed.run(*pip, "list", "--format=json"))
    packages = {each["name"] for each in listed} - {"pip", "setuptools"}
    assert packages >= {"stenograf-local", "av", "fastapi", "meeteval", "pywhispercpp"}
    assert components >= packages
    assert all(f"| [{name}](" in licences.read_text() for name in packages)
    done = subprocess.run(
        ["sha256sum", "--check", sums.name], cwd=folder, check=True, text=True, capture_output=True
    )
    assert done.stdout.count(": OK") == 4


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
