"""Models are checked by hash, by list and by opening them; conversions find their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file

import stenograf
from stenograf.cli.models import models
from stenograf.core.errors import ModelMissingError, OptionError
from stenograf.models import Places, locate
from stenograf.models.converting import convert_model
from stenograf.models.intake import import_models
from stenograf.models.verify import installed, verify
from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.weights import CTRANSLATE2_FILES, write_files


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """The command line finds the same places through its settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(stenograf.__file__).parent.parent))
    monkeypatch.setenv("STENOGRAF_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return Places(
        data_dir=tmp_path / "data", models_dir=tmp_path / "models", hub_cache=tmp_path / "hub"
    )


@pytest.fixture
def segmentation(assets: Path, tmp_path: Path) -> Path:
    weights = load_file(assets / "models" / "segmentation-3.0" / "state_dict.safetensors")
    folder = tmp_path / "Downloads"
    folder.mkdir()
    return write_checkpoint(folder / "pytorch_model.bin", {"state_dict": weights})


def test_a_whole_model_is_sound_and_a_changed_one_is_not(
    segmentation: Path, places: Places
) -> None:
    """The converted model opens; a byte that changed is found, and so is a file that went."""
    import_models(segmentation, places)
    target = convert_model("pyannote-segmentation-3.0", None, places)
    assert target == places.home / "segmentation-3.0"
    assert verify("segmentation-3.0", places).sound
    whole = verify("pyannote-segmentation-3.0", places)
    assert (whole.sound, whole.hashed) == (True, 1)
    model = whole.path / "pytorch_model.bin"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    (fault,) = verify("pyannote-segmentation-3.0", places).faults
    assert fault == "pytorch_model.bin is not the file that was installed"
    assert set(installed(places)) >= {"segmentation-3.0", "pyannote-segmentation-3.0"}
    model.rename(model.with_name("other.bin"))
    assert "pytorch_model.bin is missing" in verify("pyannote-segmentation-3.0", places).faults


@pytest.mark.e2e
def test_a_model_that_does_not_open_is_found(tmp_path: Path, places: Places) -> None:
    """Files with the right names and no model in them have no fault until they are opened."""
    write_files(places.home / "small", CTRANSLATE2_FILES)
    verdict = verify("small", places)
    assert not verdict.sound
    assert "not open" in verdict.faults[0] or "crashed" in verdict.faults[0]
    (places.home / "small" / "tokenizer.json").unlink()
    assert verify("small", places).faults == ("the folder lacks tokenizer.json",)
    with pytest.raises(ModelMissingError):
        verify("medium", places)


@pytest.mark.e2e
def test_a_checkpoint_converts_to_where_its_engine_looks(
    tmp_path: Path, places: Places, make_dims: Any, make_weights: Any, save_pt: Callable[..., Path]
) -> None:
    """`medium.pt` becomes the `medium` of faster-whisper, without a name being given."""
    dims = make_dims(state=16, layers=1)
    path = save_pt(tmp_path / "medium.pt", dims, make_weights(dims))
    assert convert_model(str(path), None, places) == places.home / "medium"
    found = locate("medium", places)
    assert found is not None
    assert verify("medium", places).sound
    with pytest.raises(OptionError, match="ONNX"):
        convert_model(str(write_files(tmp_path / "o", {"m.onnx": b"\x08\x08\x12"})), None, places)
    with pytest.raises(ModelMissingError):
        convert_model("large-v3", None, places)


@pytest.mark.e2e
def test_ge2e_is_converted_by_its_file_name(assets: Path, tmp_path: Path, places: Places) -> None:
    """The file inside the Resemblyzer wheel needs no name either."""
    weights = load_file(assets / "models" / "ge2e" / "ge2e.safetensors")
    path = write_checkpoint(tmp_path / "pretrained.pt", {"model_state": weights}, legacy=True)
    assert (convert_model(str(path), None, places) / "model.onnx").is_file()
    assert verify("ge2e", places).sound


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(models, list(arguments), catch_exceptions=False)
    return result.exit_code, result.stdout


@pytest.mark.e2e
def test_the_command_line_does_all_four(segmentation: Path, places: Places, tmp_path: Path) -> None:
    """Import, convert, verify and export, as a person would type them."""
    status, said = run("import", str(segmentation))
    assert status == 0
    assert said.startswith("pyannote-segmentation-3.0\t")
    assert run("convert", "pyannote-segmentation-3.0")[0] == 0
    status, said = run("verify", "--json", "segmentation-3.0", "pyannote-segmentation-3.0")
    assert status == 0
    assert [row["faults"] for row in json.loads(said)] == [[], []]
    assert run("export", "segmentation-3.0", "bundle.tar")[0] == 0
    assert (tmp_path / "bundle.tar").is_file()
    (places.home / "segmentation-3.0" / "model.onnx").write_bytes(b"\x08\x08\x12" + bytes(99))
    status, said = run("verify", "segmentation-3.0")
    assert status == 4
    assert "does not open" in said


def test_weights_survive_conversion_to_arrays(segmentation: Path) -> None:
    """The checkpoint of the fixture is the real one, not an empty stand-in."""
    from stenograf.models.checkpoint import read_weights

    assert np.ptp(read_weights(segmentation, "state_dict")["classifier.weight"]) > 0
