"""Speak conversation.json with flite's voices: writes conversation.flac and conversation.rttm.

Needs the program `flite` and the extra `test`; the results are in the repository, so nobody has
to run this to try the demo.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

HERE = Path(__file__).parent
SAMPLE_RATE_HZ = 16_000
SILENCE_LEVEL = 0.01  # of full scale: flite pads every sentence with near silence


def speak(text: str, voice: str) -> NDArray[np.float32]:
    """Samples of one sentence without the silence around it, shape (n_samples,)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        samples, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE_HZ, f"{voice} speaks at {rate} Hz"
    loud = np.flatnonzero(np.abs(samples) > SILENCE_LEVEL)
    return np.asarray(samples[loud[0] : loud[-1] + 1])


def main() -> None:
    """Write the recording and who speaks when in it."""
    script = json.loads((HERE / "conversation.json").read_text(encoding="utf-8"))
    pause = np.zeros(round(script["pause_s"] * SAMPLE_RATE_HZ), np.float32)
    parts, turns, position = [pause], [], len(pause)
    for speaker, text in script["lines"]:
        line = speak(text, script["voices"][speaker])
        start_s, duration_s = position / SAMPLE_RATE_HZ, len(line) / SAMPLE_RATE_HZ
        turns.append(
            f"SPEAKER conversation 1 {start_s:.3f} {duration_s:.3f} <NA> <NA> {speaker} <NA> <NA>"
        )
        parts += [line, pause]
        position += len(line) + len(pause)
    room = np.random.default_rng(0).normal(0.0, 0.0005, position)  # no room is digitally silent
    samples = np.concatenate(parts) + room.astype(np.float32)
    soundfile.write(HERE / "conversation.flac", samples, SAMPLE_RATE_HZ, subtype="PCM_16")
    (HERE / "conversation.rttm").write_text("\n".join(turns) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
