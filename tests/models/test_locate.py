"""The search for models: every form and place that people have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import ModelUnknownError
from stenograf.models import Places, catalog, entry, locate, where
from stenograf.models.forms import Form, inspect
from stenograf.models.places import hub_cache_folder
from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.weights import (
    CTRANSLATE2_FILES,
    GGML_MODEL,
    GGUF_MODEL,
    LFS_POINTER,
    ONNX_MODEL,
    PIPELINE_FILES,
    write_files,
)

WHISPER = {"dims": {"n_mels": 80}, "model_state_dict": {"x": np.zeros(1, np.float32)}}
COMMIT = "0" * 40


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Empty places, each a folder of its own."""
    return Places(
        data_dir=tmp_path / "data",
        hub_cache=tmp_path / "hub",
        models_dir=tmp_path / "models",
        whisper_cache_dir=tmp_path / "whisper",
        pyannote_model_path=tmp_path / "pyannote",
    )


@pytest.mark.parametrize(
    ("content", "form"), [(GGML_MODEL, "ggml"), (GGUF_MODEL, "gguf"), (ONNX_MODEL, "onnx")]
)
def test_files_are_told_by_their_first_bytes(tmp_path: Path, content: bytes, form: Form) -> None:
    """A wrong extension changes nothing."""
    (tmp_path / "model.txt").write_bytes(content)
    found = inspect(tmp_path / "model.txt")
    assert found is not None
    assert (found.form, found.usable) == (form, True)


@pytest.mark.parametrize("legacy", [False, True])
def test_whisper_checkpoints_are_told_from_others(tmp_path: Path, legacy: bool) -> None:
    """Both are PyTorch files; only OpenAI's carries dimensions beside its weights."""
    ours = inspect(write_checkpoint(tmp_path / "a.bin", WHISPER, legacy=legacy))
    other = inspect(write_checkpoint(tmp_path / "b.bin", {"state_dict": {}}, legacy=legacy))
    assert ours is not None
    assert other is not None
    assert (ours.form, other.form) == ("openai", "torch")


def test_a_folder_without_its_tokenizer_is_named_as_incomplete(tmp_path: Path) -> None:
    """faster-whisper would go to the network for it."""
    folder = write_files(tmp_path / "m", {**CTRANSLATE2_FILES})
    (folder / "tokenizer.json").unlink()
    found = inspect(folder)
    assert found is not None
    assert found.form == "ctranslate2"
    assert found.problem == "the folder lacks tokenizer.json"


def test_lfs_pointers_are_named(tmp_path: Path) -> None:
    """A clone without Git-LFS has the right names and no weights."""
    found = inspect(write_files(tmp_path / "m", {"model.bin": LFS_POINTER, "config.json": b"{}"}))
    assert found is not None
    assert "Git-LFS pointer" in str(found.problem)


def test_every_place_is_searched_in_the_documented_order(places: Places) -> None:
    """Removing each winner in turn walks the order."""
    spots = [
        places.home / "small",
        places.whisper_cache_dir / "small" if places.whisper_cache_dir else Path(),
        places.hub_cache / "models--Systran--faster-whisper-small" / "snapshots" / COMMIT,
        places.data_dir / "small",
    ]
    for spot in spots:
        write_files(spot, CTRANSLATE2_FILES)
    for spot in spots:
        found = locate("small", places)
        assert found is not None
        assert found.path == spot
        (spot / "model.bin").unlink()
    assert locate("small", places) is None


@pytest.mark.parametrize(
    "layout",
    [
        "medium",
        "faster-whisper-medium",
        "models--Systran--faster-whisper-medium/snapshots/main",
        f"models--Systran--faster-whisper-medium/snapshots/{COMMIT}",
        "models--Systran--faster-whisper-medium",  # a git clone by that name
        "Systran/faster-whisper-medium",
    ],
)
def test_layouts_that_people_make_are_found(places: Places, layout: str) -> None:
    """By hand, by faster-whisper's download_root, by git clone."""
    folder = write_files((places.whisper_cache_dir or Path()) / layout, CTRANSLATE2_FILES)
    found = locate("medium", places)
    assert found is not None
    assert found.path == folder


def test_the_snapshot_that_main_names_wins_unless_it_is_broken(places: Places) -> None:
    """An older whole snapshot is better than a newer broken one."""
    repository = places.hub_cache / "models--Systran--faster-whisper-tiny"
    old = write_files(repository / "snapshots" / "old", CTRANSLATE2_FILES)
    new = write_files(repository / "snapshots" / "new", CTRANSLATE2_FILES)
    write_files(repository, {"refs/main": b"old"})
    assert locate("tiny", places) == locate("tiny", places)
    assert getattr(locate("tiny", places), "path", None) == old
    (old / "model.bin").write_bytes(b"")
    assert getattr(locate("tiny", places), "path", None) == new


def test_a_broken_link_is_named(places: Places) -> None:
    """Blobs that were deleted leave links behind."""
    snapshot = places.hub_cache / "models--Systran--faster-whisper-tiny" / "snapshots" / COMMIT
    write_files(snapshot, CTRANSLATE2_FILES)
    (snapshot / "model.bin").unlink()
    try:
        (snapshot / "model.bin").symlink_to("../../blobs/gone")
    except OSError:
        pytest.skip("this system makes no links")
    broken = where("tiny", places).broken
    assert broken is not None
    assert "the link model.bin points to a file that is not there" in broken.verdict


def test_a_checkpoint_of_another_engine_is_named_and_not_used(places: Places) -> None:
    """`medium.pt` is never silently ignored."""
    folder = write_files(places.whisper_cache_dir or Path(), {})
    folder.mkdir()
    path = write_checkpoint(folder / "medium.pt", WHISPER)
    story = where("medium", places)
    assert story.winner is None
    assert story.other_form is not None
    assert story.other_form.content.path == path
    assert "another engine reads (whisper)" in story.other_form.verdict
    found = locate("medium.pt", places)
    assert found is not None
    assert found.path == path


def test_the_pyannote_path_may_be_the_model_itself(places: Places) -> None:
    """PYANNOTE_MODEL_PATH is read both as the folder and as the folder above."""
    folder = places.pyannote_model_path or Path()
    write_files(folder, PIPELINE_FILES)
    found = locate("speaker-diarization-3.1", places)
    assert found is not None
    assert found.path == folder


def test_a_path_is_taken_as_it_is(places: Places, tmp_path: Path) -> None:
    """An explicit path outweighs every place, whatever its name."""
    folder = write_files(tmp_path / "my own", CTRANSLATE2_FILES)
    found = locate(str(folder), places)
    assert found is not None
    assert (found.path, found.form) == (folder, "ctranslate2")


def test_an_unknown_name_is_answered_with_near_ones(places: Places) -> None:
    """A typing error is the usual cause."""
    with pytest.raises(ModelUnknownError) as caught:
        locate("mediun", places)
    assert "medium" in caught.value.advice


def test_catalog_names_are_unique_and_needs_exist() -> None:
    """Each name means one model; what a model needs is known too."""
    names = [name for known in catalog() for name in known.names]
    assert len(names) == len(set(names))
    for known in catalog():
        assert known.sources
        assert known.licence
        assert known.attribution
        for need in known.needs:
            entry(need)


def test_default_models_have_an_open_first_source() -> None:
    """Nobody needs an account for the defaults."""
    for name in ("small", "ge2e", "segmentation-3.0", "wespeaker-resnet34", "community-1-plda"):
        assert not getattr(entry(name).sources[0], "gated", False)


def test_the_hub_cache_follows_the_variables_of_the_hub_client() -> None:
    """HF_HUB_CACHE outweighs HF_HOME."""
    assert hub_cache_folder({"HF_HUB_CACHE": "a", "HF_HOME": "b"}) == Path("a")
    assert hub_cache_folder({"HF_HOME": "b"}) == Path("b/hub")


def test_a_file_under_a_name_of_ones_own_is_the_model_if_it_is_alone(places: Places) -> None:
    """Which of two it would be nobody can know."""
    assert places.models_dir is not None
    folder = write_files(places.models_dir / "ge2e", {"encoder.onnx": ONNX_MODEL})
    found = locate("ge2e", places)
    assert found is not None
    assert found.path == folder / "encoder.onnx"
    write_files(folder, {"another.onnx": ONNX_MODEL})
    assert locate("ge2e", places) is None
    write_files(folder, {"model.onnx": ONNX_MODEL})
    named = locate("ge2e", places)
    assert named is not None
    assert named.path == folder / "model.onnx"
