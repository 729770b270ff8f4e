"""Which recognizer and model are taken where the caller leaves it to us."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stenograf.choosing import PACKAGES, Choice, Machine, available_mb, choose, model_for
from stenograf.core.errors import UnsupportedError
from stenograf.models import Places, locate
from stenograf.pipeline import TranscribeOptions
from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.weights import CTRANSLATE2_FILES, GGML_MODEL, ONNX_MODEL, write_files

ALL = Machine(tuple(PACKAGES))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(
        data_dir=tmp_path / "data",
        hub_cache=tmp_path / "hub",
        whisper_cache_dir=tmp_path / "whisper",
    )


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str], Path]:
    """Lays a model into WHISPER_CACHE_DIR (or the models folder) in the form its name says."""

    def lay(name: str) -> Path:
        path = tmp_path / "whisper" / name
        path.parent.mkdir(exist_ok=True)
        if name.endswith(".pt"):
            return write_checkpoint(path, {"dims": {}, "model_state_dict": {}})
        if name.endswith(".bin"):
            path.write_bytes(GGML_MODEL)
            return path
        if name in {"gigaam-v3", "parakeet-v3"}:
            return write_files(tmp_path / "data" / name, {"encoder-model.onnx": ONNX_MODEL})
        return write_files(path, CTRANSLATE2_FILES)

    return lay


def chosen(places: Places, machine: Machine = ALL, **options: Any) -> tuple[str, str]:
    choice = choose(TranscribeOptions(**options), places, machine)
    assert choice.reason
    return choice.engine, choice.model


@pytest.mark.parametrize(
    ("here", "options", "expected"),
    [
        ([], {}, ("faster-whisper", "small")),
        (["small"], {}, ("faster-whisper", "small")),
        (["medium.pt"], {}, ("whisper", "medium.pt")),
        (["ggml-base-q5_1.bin"], {}, ("whispercpp", "ggml-base-q5_1")),
        (["medium.pt", "base"], {}, ("whisper", "medium.pt")),
        (["small.pt", "ggml-small.bin"], {}, ("whispercpp", "ggml-small")),
        (["small.pt", "small"], {}, ("faster-whisper", "small")),
        (["base.en"], {"language": "en"}, ("faster-whisper", "base.en")),
        (["base.en"], {"language": "de"}, ("faster-whisper", "small")),
        (["small", "gigaam-v3"], {"language": "ru"}, ("onnx", "gigaam-v3")),
        (["small", "gigaam-v3"], {"languages": ("ru",)}, ("onnx", "gigaam-v3")),
        (["small", "gigaam-v3"], {}, ("faster-whisper", "small")),
        (["small", "gigaam-v3"], {"language": "ru", "prompt": "x"}, ("faster-whisper", "small")),
        (["gigaam-v3"], {"language": "ru", "task": "translate"}, ("faster-whisper", "small")),
        (["parakeet-v3"], {"language": "de"}, ("onnx", "parakeet-v3")),
        (["parakeet-v3"], {"language": "ja"}, ("faster-whisper", "small")),
        (["parakeet-v3", "small"], {"language": "de"}, ("faster-whisper", "small")),
        (["medium.pt"], {"model": "medium"}, ("whisper", "medium.pt")),
        (["medium.pt", "medium"], {"model": "medium"}, ("faster-whisper", "medium")),
        (["small"], {"model": "medium"}, ("faster-whisper", "medium")),
        ([], {"model": "gigaam-v3"}, ("onnx", "gigaam-v3")),
        ([], {"model": "ggml-small"}, ("whispercpp", "ggml-small")),
    ],
    ids=str,
)
def test_what_is_here_decides(
    places: Places,
    put: Callable[[str], Path],
    here: list[str],
    options: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    """By language, by form, by what was named; the default where nothing is here."""
    for name in here:
        put(name)
    assert chosen(places, **options) == expected


def test_engine_that_is_not_installed_is_not_taken(
    places: Places, put: Callable[[str], Path]
) -> None:
    """A file that nothing here reads does not win."""
    put("medium.pt")
    machine = Machine(("faster-whisper",))
    assert chosen(places, machine) == ("faster-whisper", "small")
    assert chosen(places, machine, model="medium") == ("faster-whisper", "medium")


def test_model_must_fit_into_memory(places: Places, put: Callable[[str], Path]) -> None:
    """A model too large for what is left is passed over; torch needs twice the file."""
    large = put("medium") / "model.bin"
    with large.open("r+b") as file:
        file.truncate(2_000_000_000)  # a hole: it takes no room
    put("base")
    assert chosen(places, Machine(tuple(PACKAGES), 2_500)) == ("faster-whisper", "base")
    assert chosen(places, Machine(tuple(PACKAGES), 3_000)) == ("faster-whisper", "medium")
    assert Machine((), 1_500).fits("whispercpp", 700)
    assert not Machine((), 1_500).fits("whisper", 700)


def test_gpu_takes_the_larger_model(places: Places, put: Callable[[str], Path]) -> None:
    """What is slow on a processor is not on a GPU."""
    put("small")
    put("large-v3")
    assert chosen(places) == ("faster-whisper", "small")
    assert chosen(places, Machine(tuple(PACKAGES), has_gpu=True)) == ("faster-whisper", "large-v3")


def test_paths_are_told_by_content(places: Places, put: Callable[[str], Path]) -> None:
    """A file or folder of one's own goes to the engine that reads its form."""
    for name, engine in {
        "mine.pt": "whisper",
        "mine.bin": "whispercpp",
        "mine": "faster-whisper",
        "gigaam-v3": "onnx",
    }.items():
        path = str(put(name))
        assert chosen(places, model=path) == (engine, path)


def test_an_existing_file_wins_over_the_catalog(
    places: Places, put: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--model medium.pt` beside a file of that name is the file, and the reason says so."""
    monkeypatch.chdir(put("medium.pt").parent)
    put("ggml-medium.bin")
    first = "the file here before the known model of that name: a "
    for name, engine, form in (
        ("medium.pt", "whisper", "OpenAI Whisper checkpoint (.pt)"),
        ("ggml-medium.bin", "whispercpp", "ggml file"),
    ):
        choice = choose(TranscribeOptions(model=name), places, ALL)
        assert choice == Choice(engine, name, first + form)
        assert model_for(engine, name, places) == name
        assert str(locate(name, places).path) == name  # type: ignore[union-attr]


def test_a_folder_that_is_called_like_a_model_is_not_taken_for_it(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`small` may hold anything; `./small` is the folder."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "small", CTRANSLATE2_FILES)
    assert locate("small", places) is None
    assert locate("./small", places) is not None


def test_reason_names_the_form(places: Places, put: Callable[[str], Path]) -> None:
    """The document says why an engine that is not the default was taken."""
    put("medium.pt")
    choice = choose(TranscribeOptions(model="medium"), places, ALL)
    said = "medium is here as OpenAI Whisper checkpoint (.pt)"
    assert choice == Choice("whisper", "medium.pt", said)


def test_engine_finds_its_form_of_a_model(places: Places, put: Callable[[str], Path]) -> None:
    """`--engine whispercpp --model small` means a ggml file, the one that is here."""
    assert model_for("whispercpp", "small", places) == "ggml-small"
    put("ggml-small-q5_1.bin")
    assert model_for("whispercpp", "small", places) == "ggml-small-q5_1"
    assert model_for("whisper", "small", places) == "small.pt"
    assert model_for("faster-whisper", "medium.pt", places) == "medium"
    assert model_for("whisper", "/somewhere/mine.pt", places) == "/somewhere/mine.pt"
    with pytest.raises(UnsupportedError, match="onnx"):
        model_for("onnx", "small", places)


def test_memory_of_this_machine_is_plausible() -> None:
    """Between nothing and the largest machine there is, or unknown."""
    found = available_mb()
    assert found is None or 0 <= found < 100_000_000
