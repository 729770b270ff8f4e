"""How much memory and time does converting a full-size Whisper checkpoint take?

Writes `medium.pt` with random float16 weights in a temporary folder (1.5 GB), converts it in a
child process per type and reports that process's peak: `python -m benchmarks.convert`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stenograf.models.convert.whisper_dims import WhisperDims
from stenograf.testing.checkpoints import write_checkpoint

MEDIUM = WhisperDims(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=1024,
    n_audio_head=16,
    n_audio_layer=24,
    n_vocab=51865,
    n_text_ctx=448,
    n_text_state=1024,
    n_text_head=16,
    n_text_layer=24,
)

CHILD = """
import json, sys, time
from pathlib import Path
if sys.argv[4] == "without torch":
    sys.modules["torch"] = None  # as on a machine where it is not installed
from stenograf.models.convert import convert_whisper
import ctranslate2.specs
def peak():  # getrusage would also count the process that started this one
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
before = peak()
start = time.perf_counter()
quantization = None if sys.argv[3] == "as stored" else sys.argv[3]
convert_whisper(Path(sys.argv[1]), Path(sys.argv[2]), quantization=quantization)
print(json.dumps({"peak": peak(), "before": before, "s": time.perf_counter() - start}))
"""


def convert(source: Path, target: Path, quantization: str, surroundings: str) -> dict[str, Any]:
    command = [sys.executable, "-c", CHILD, str(source), str(target), quantization, surroundings]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found["written"] = (target / "model.bin").stat().st_size
    return found


def main() -> None:
    rng = np.random.default_rng(0)
    shapes = dict(MEDIUM.shapes())
    with tempfile.TemporaryDirectory() as folder:
        weights = {
            name: rng.standard_normal(shape, np.float32).astype("f2")
            for name, shape in shapes.items()
        }
        root = {"dims": asdict(MEDIUM), "model_state_dict": weights}
        source = write_checkpoint(Path(folder) / "medium.pt", root)
        weights.clear()
        size = source.stat().st_size
        print(f"medium.pt: {size / 1e6:.0f} MB\n")
        print("| type | peak MB | of it imports MB | peak / file | s | model.bin MB |")
        print("|---|---|---|---|---|---|")
        for quantization in ("as stored", "float16", "int8", "int8_float16", "float32"):
            time.sleep(1)
            target = Path(folder) / quantization.replace(" ", "-")
            found = convert(source, target, quantization, "without torch")
            print(
                f"| {quantization} | {found['peak'] / 1e6:.0f} | {found['before'] / 1e6:.0f} "
                f"| {found['peak'] / size:.2f} | {found['s']:.1f} | {found['written'] / 1e6:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
