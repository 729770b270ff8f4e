"""What is built for an engine's name, without loading it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stenograf import recognizers
from stenograf.core.errors import OfflineError, UnsupportedError
from stenograf.core.events import Event, NoticeRaised
from stenograf.pipeline import TranscribeOptions
from stenograf.recognizers import choose_recognizer
from stenograf.settings import Settings
from stenograf.testing.weights import CTRANSLATE2_FILES, GGML_MODEL, ONNX_MODEL, write_files
from stenograf.workshop import Chosen, Workshop


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    return tmp_path / "models"


def chosen(folder: Path, events: list[Event] | None = None, **options: Any) -> Chosen[Any]:
    told = events.append if events is not None else lambda _: None
    settings = Settings(models_dir=folder, offline=True)
    return choose_recognizer(Workshop(TranscribeOptions(**options), settings, told))


def test_one_line_tells_engine_file_and_reason(folder: Path) -> None:
    """What the document keeps as engine, model and reason, with the path for whoever looks on."""
    write_files(folder / "small", CTRANSLATE2_FILES)
    events: list[Event] = []
    found = chosen(folder, events)
    assert found.use is not None
    assert (found.use.engine, found.use.model, found.use.reason) == (
        "faster-whisper", "small", "the default",
    )  # fmt: skip
    (event,) = events
    assert isinstance(event, NoticeRaised)
    assert event.notice.text == (
        f"Words come from faster-whisper with {folder / 'small'} (the default)."
    )


@pytest.mark.parametrize("installed", [True, False])
def test_whisperx_is_the_package_or_our_own_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    """Without the package the name means our own batches, and the document says so."""
    monkeypatch.setattr(recognizers, "find_spec", lambda _: installed or None)
    write_files(folder / "small", CTRANSLATE2_FILES)
    found = chosen(folder, engine="whisperx")
    assert found.use is not None
    assert found.engine.name == ("whisperx" if installed else "faster-whisper")
    reason = "asked for" if installed else "whisperx is not installed: our own batched path instead"
    assert found.use.reason == reason
    assert found.engine.keywords.get("batch_size") == (None if installed else 8)


@pytest.mark.parametrize(
    ("options", "hinted"),
    [
        ({}, True),
        ({"languages": ("en", "ru")}, True),
        ({"language": "ru"}, False),
        ({"model": "tiny"}, False),
    ],
    ids=str,
)
def test_english_is_hinted_where_only_pocketsphinx_can_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], hinted: bool
) -> None:
    """Who named no language learns that English needs no model, beside the way to a real one."""
    monkeypatch.setattr(recognizers, "find_spec", lambda _: True)
    with pytest.raises(OfflineError) as caught:
        chosen(folder, **options)
    assert ("language=en" in caught.value.advice) == hinted
    assert "stenograf models where" in caught.value.advice
    assert ". If the recording" in caught.value.advice or not hinted


@pytest.mark.parametrize("options", [{"language": "en"}, {"languages": ("en",)}], ids=str)
def test_english_falls_back_to_pocketsphinx_and_says_so(
    folder: Path, options: dict[str, Any]
) -> None:
    """Words with many mistakes, and a notice, are better than none."""
    found = chosen(folder, **options)
    assert found.engine.name == "pocketsphinx"
    assert [notice.code for notice in found.notices] == ["engine.fallback"]


def test_a_file_of_this_folder_is_named_as_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the engine was named."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("ggml-small.bin").write_bytes(GGML_MODEL)
    found = chosen(folder, engine="whispercpp", model="ggml-small.bin")
    assert found.engine.arguments == (Path("ggml-small.bin"),)
    assert found.use is not None
    assert found.use.reason == "the file here before the known model of that name: asked for"


def test_engine_gets_its_own_form_of_the_model(folder: Path) -> None:
    """`small` for whisper.cpp is the ggml file that is here."""
    folder.mkdir()
    (folder / "ggml-small-q5_1.bin").write_bytes(GGML_MODEL)
    found = chosen(folder, engine="whispercpp", model="small", compute_type="int8")
    assert found.engine.arguments == (folder / "ggml-small-q5_1.bin",)
    assert [notice.details["option"] for notice in found.notices] == ["compute_type"]


def test_onnx_model_brings_its_languages(folder: Path) -> None:
    """GigaAM is taken by default and knows Russian; the catalog says so to the engine."""
    write_files(folder / "gigaam-v3", {"v3_e2e_rnnt_encoder.int8.onnx": ONNX_MODEL})
    found = chosen(folder, engine="onnx")
    assert found.engine.arguments == (folder / "gigaam-v3",)
    assert found.engine.keywords["languages"] == ("ru",)
    with pytest.raises(UnsupportedError, match="en"):
        chosen(folder, engine="onnx", language="en")


@pytest.mark.parametrize(
    "options",
    [{"language": "english"}, {"language": ""}, {"languages": ("ru", "немецкий")}],
    ids=str,
)
def test_a_language_by_its_name_is_refused_before_any_model_is_looked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    """Codes have two or three letters, and the hint gives some."""
    monkeypatch.setattr(recognizers, "choose", lambda *_: pytest.fail("a model is looked for"))
    with pytest.raises(UnsupportedError, match="is no code of a language") as caught:
        chosen(folder, **options)
    assert "en or ru" in caught.value.advice
