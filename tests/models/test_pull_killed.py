"""kill -9 in the middle of a pull leaves the old state or the new one."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stenograf.models import Places, locate
from stenograf.models.forms import inspect
from stenograf.testing.hub import FakeHub
from stenograf.testing.weights import CTRANSLATE2_FILES, CTRANSLATE2_MODEL

N_KILLS = 50
WEIGHTS = CTRANSLATE2_MODEL + random.Random(0).randbytes(3 << 20)
FILES = {**CTRANSLATE2_FILES, "model.bin": WEIGHTS}
PULL = """
import sys
from pathlib import Path
from stenograf.models import Places, install
places = Places(data_dir=Path(sys.argv[1]), hub_cache=Path(sys.argv[1]) / "hub")
print("begun", flush=True)
print(install("tiny", places), flush=True)
"""


@pytest.mark.e2e
def test_a_killed_pull_never_leaves_a_broken_model_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each kill the model is absent or whole, and in the end it arrives."""
    moments = random.Random(1)
    places = Places(data_dir=tmp_path, hub_cache=tmp_path / "hub")
    outcomes = {"absent": 0, "whole": 0}
    with FakeHub() as hub:
        hub.add("Systran/faster-whisper-tiny", FILES)
        hub.faults.pause_s = 0.0005
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        took_s = _whole_pull(tmp_path / "warm")
        for _ in range(N_KILLS):
            _pull_and_kill(tmp_path, moments.uniform(0.0, took_s * 1.1))
            outcomes[_state(places)] += 1
            if (tmp_path / "tiny").exists() and outcomes["whole"] % 2:
                (tmp_path / "tiny").rename(tmp_path / f"gone{outcomes['whole']}")
        hub.faults.pause_s = 0.0
        _whole_pull(tmp_path)
        assert _state(places) == "whole"
        assert any(request.range for request in hub.downloads()), "nothing was ever resumed"
    assert outcomes["absent"] >= 5
    assert outcomes["whole"] >= 1


def _start(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PULL, str(folder)], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONWARNINGS": "default"},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def _whole_pull(folder: Path) -> float:
    began = time.monotonic()
    process = _start(folder)
    process.communicate(timeout=60)
    assert process.returncode == 0
    return time.monotonic() - began


def _pull_and_kill(folder: Path, after_s: float) -> None:
    process = _start(folder)
    time.sleep(after_s)
    process.kill()
    process.communicate()


def _state(places: Places) -> str:
    """What an engine would see: nothing, or every byte of the model."""
    found = locate("tiny", places)
    if found is None:
        assert inspect(places.home / "tiny") is None, "half a model is visible"
        return "absent"
    for name, content in FILES.items():
        assert (found.path / name).read_bytes() == content, f"{name} is broken in use"
    return "whole"
