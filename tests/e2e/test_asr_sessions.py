"""Sessions of whisper-asr-webservice's clients with a real server, worker and Whisper."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import soundfile
from tests.api.test_asr_sessions import SESSIONS, replayed
from tests.e2e.test_server import Program

from stenograf.testing.sound import read_speech
from stenograf.testing.whisper import SHAPES, write_random_whisper

pytestmark = pytest.mark.e2e


@pytest.fixture
def served(models_dir: Path, tmp_path: Path) -> Iterator[Program]:
    """`stenograf serve` without a token, as that service is run; its Whisper is a small one."""
    folder = models_dir / "faster-whisper-small"  # what requests without a model mean
    write_random_whisper(folder, size=SHAPES["tiny"], quantization="int8")
    command = [sys.executable, "-m", "stenograf", "serve", "--port", "{port}"]
    program = Program(command, tmp_path, DIARIZATION_TOKEN="")
    yield program
    program.stop()


@pytest.fixture
def speech(assets: Path) -> bytes:
    """A few seconds of speech as a WAV file of 16 kHz."""
    path = next((assets / "audio/diarization/pyannote-sample").glob("*.wav"))
    file = io.BytesIO()
    soundfile.write(
        file, read_speech(path)[6 * 16_000 : 10 * 16_000], 16_000, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


def test_every_session_replays(served: Program, speech: bytes) -> None:
    """Words of random weights, in every form that those clients ask for."""
    with httpx.Client(base_url=served.url, timeout=120) as client:
        texts = [text for path in SESSIONS for text in replayed(client, path, speech)]
    assert len(texts) == sum(path.read_text("utf-8").count('"target"') for path in SESSIONS)
    assert all(texts)
