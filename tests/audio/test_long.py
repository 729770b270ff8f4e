"""A whole day of sound needs no more memory than ten minutes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stenograf.testing.bad_inputs import wav_bytes

DAY_S = 24 * 3600
CHILD = """
import sys
from pathlib import Path
import av, soxr, psutil
from stenograf.audio.decode import decode
process, peak = psutil.Process(), 0
before = process.memory_info().rss
def watch(fraction):
    global peak
    peak = max(peak, process.memory_info().rss)
with decode(Path(sys.argv[1]), on_progress=watch) as decoded:
    assert not decoded.audio[-16_000:].any()
    assert decoded.notices == (), decoded.notices
    print(len(decoded.audio), (peak - before) // 1_000_000)
"""


def write_silence(path: Path, seconds: int) -> Path:
    """A WAV of 16 kHz silence; a sparse file, which takes no room where that is known."""
    n_bytes = seconds * 16_000 * 2
    path.write_bytes(wav_bytes(data=b"", claimed_bytes=n_bytes))
    os.truncate(path, path.stat().st_size + n_bytes)
    return path


@pytest.mark.e2e
def test_a_day_of_sound_stays_out_of_memory(tmp_path: Path) -> None:
    """24 hours decode completely, to the sample, within 150 MB above the imports."""
    path = write_silence(tmp_path / "day.wav", DAY_S)
    command = [sys.executable, "-c", CHILD, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    n_samples, grown_mb = map(int, printed.split())
    assert n_samples == DAY_S * 16_000
    assert grown_mb < 150
