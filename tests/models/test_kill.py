"""A process that is killed at any moment leaves the old model or the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.models import Places, locate
from stenograf.models.intake import import_models
from stenograf.testing.checkpoints import write_checkpoint

pytestmark = pytest.mark.e2e

N_KILLS = 25
IMPORT = """
import sys; from pathlib import Path
from stenograf.models import Places
from stenograf.models.intake import import_models
places = Places(data_dir=Path(sys.argv[2]), hub_cache=Path(sys.argv[3]))
print("ready", flush=True)
import_models(Path(sys.argv[1]), places, name=sys.argv[4])
"""
CONVERT = """
import sys; from pathlib import Path
from stenograf.models import Places
from stenograf.models.converting import convert_model
places = Places(data_dir=Path(sys.argv[2]), hub_cache=Path(sys.argv[3]))
import ctranslate2.specs, tokenizers
print("ready", flush=True)
convert_model(sys.argv[1], None, places)
"""


def killed(script: str, *arguments: object, after_s: float) -> bool:
    """Run the script and kill it; whether it was still running."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(after_s)
        alive = child.poll() is None
        child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    return alive


def content(places: Places, name: str) -> dict[str, bytes] | None:
    found = locate(name, places)
    if found is None:
        return None
    paths = [found.path] if found.path.is_file() else sorted(found.path.rglob("*"))
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def version(folder: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    weights = {
        "sincnet.wav_norm1d.weight": np.ones(1, "f4"),
        "classifier.weight": rng.normal(0, 1, (7, 128)).astype("f4"),
        "large": rng.normal(0, 1, 3_000_000).astype("f4"),
    }
    folder.mkdir()
    (folder / "config.yaml").write_text(f"seed: {seed}\n")
    write_checkpoint(folder / "pytorch_model.bin", {"state_dict": weights})
    return folder


def test_import_killed_at_random_moments(tmp_path: Path) -> None:
    """Each of the kills leaves a model that is whole: all of the old files or all of the new."""
    places = Places(data_dir=tmp_path / "data", hub_cache=tmp_path / "hub")
    name = "pyannote-segmentation-3.0"
    versions = [version(tmp_path / f"v{n}", n) for n in range(2)]
    wholes = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in versions]
    import_models(versions[0], places)
    rng = np.random.default_rng(0)
    alive = 0
    for n in range(N_KILLS):
        folder = versions[(n + 1) % 2]
        arguments = (folder, places.data_dir, places.hub_cache, name)
        alive += killed(IMPORT, *arguments, after_s=float(rng.uniform(0, 0.25)))
        found = content(places, name)
        assert found is not None
        assert found in wholes
    assert alive >= N_KILLS // 4


def test_convert_killed_at_random_moments(
    tmp_path: Path, make_dims: Any, make_weights: Any, save_pt: Callable[..., Path]
) -> None:
    """Either no model is there or the whole one, and a later conversion works."""
    places = Places(data_dir=tmp_path / "data", hub_cache=tmp_path / "hub")
    dims = make_dims(state=64, layers=1)
    source = save_pt(tmp_path / "tiny.pt", dims, make_weights(dims))
    rng = np.random.default_rng(0)
    names = {"model.bin", "config.json", "tokenizer.json", "vocabulary.json",
             "preprocessor_config.json"}  # fmt: skip
    alive, sizes = 0, set()
    for _ in range(N_KILLS):
        arguments = (source, places.data_dir, places.hub_cache)
        alive += killed(CONVERT, *arguments, after_s=float(rng.uniform(0, 3)))
        found = content(places, "tiny")
        if found is not None:
            assert found.keys() == names
            sizes.add(len(found["model.bin"]))
    assert alive >= N_KILLS // 4
    assert len(sizes) <= 1
