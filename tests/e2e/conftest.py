"""What end-to-end tests lean on: the real command and models that are on this disk."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Stenograf = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def models_dir(tmp_path: Path, assets: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder that holds the speaker encoder of the assets, and no hub to ask."""
    folder = tmp_path / "models"
    shutil.copytree(assets / "models/ge2e", folder / "ge2e")
    monkeypatch.setenv("STENOGRAF_MODELS_DIR", str(folder))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    return folder


@pytest.fixture
def stenograf(models_dir: Path, tmp_path: Path) -> Stenograf:
    """The command as a process, in a folder of its own, without the network."""

    def run(*arguments: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "stenograf", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=240,
            check=False,
            cwd=tmp_path,
        )
        texts = (done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
        assert "Traceback" not in texts[1], texts[1]
        return subprocess.CompletedProcess(done.args, done.returncode, *texts)

    return run
