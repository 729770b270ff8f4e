"""Nothing is reported to anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOAD = """
from stenograf.engines.vad.silero import SileroDetector
from stenograf.models.bundled import silero_weights
SileroDetector(silero_weights())
"""


@pytest.mark.e2e
def test_onnxruntime_keeps_no_session_of_its_user(tmp_path: Path) -> None:
    """Its telemetry writes an id among temporary files as soon as it is imported."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    paths = os.pathsep.join(sys.path)
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": paths}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    command = [sys.executable, "-c", LOAD]
    subprocess.run(command, env=environment, check=True)
    assert not list(temporary.iterdir())
