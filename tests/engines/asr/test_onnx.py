"""GigaAM, Parakeet and Vosk through onnx-asr, on random weights behind their real interfaces."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import (
    EngineFailedError,
    EngineUnavailableError,
    ModelInvalidError,
    UnsupportedError,
)
from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.core.waveform import Samples
from stenograf.engines.asr.onnx import OnnxRecognizer
from stenograf.testing.onnx_speech import (
    MODELS,
    write_gigaam_ctc,
    write_gigaam_rnnt,
    write_parakeet,
)

SPEECH = [Span(0.0, 5.0), Span(8.0, 26.0)]


@pytest.fixture(scope="module")
def noise() -> Samples:
    return np.random.default_rng(1).standard_normal(30 * 16_000).astype(np.float32) * 0.1


@pytest.fixture(scope="module", params=list(MODELS))
def recognizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> OnnxRecognizer:
    folder = MODELS[request.param](tmp_path_factory.mktemp(request.param))
    return OnnxRecognizer(folder, n_threads=1, languages=("ru",))


def texts(recognizer: OnnxRecognizer, audio: Samples, **options: Any) -> list[str]:
    return [w.text for w in recognizer.recognize(audio, SPEECH, AsrOptions(**options)).words]


def test_each_kind_is_told_by_its_files(recognizer: OnnxRecognizer, noise: Samples) -> None:
    """Nobody has to say whether a folder holds GigaAM, Parakeet or Vosk."""
    words = texts(recognizer, noise)
    assert len(words) > 20
    assert len(set(words)) > 3


def test_batches_do_not_change_words(recognizer: OnnxRecognizer, noise: Samples) -> None:
    """The silence that fills shorter blocks of a batch is not heard."""
    assert texts(recognizer, noise, batch_size=4) == texts(recognizer, noise, batch_size=1)


def test_only_language_is_known_without_hearing(recognizer: OnnxRecognizer, noise: Samples) -> None:
    """A Russian model speaks Russian."""
    result = recognizer.recognize(noise, SPEECH, AsrOptions())
    assert (result.language, result.language_probability) == ("ru", None)


@pytest.mark.parametrize(
    "options", [{"language": "en"}, {"languages": ("en", "de")}, {"task": "translate"}]
)
def test_what_the_model_cannot_do_is_refused(
    recognizer: OnnxRecognizer, noise: Samples, options: dict[str, Any]
) -> None:
    """Before anything is decoded."""
    with pytest.raises(UnsupportedError):
        recognizer.recognize(noise, SPEECH, AsrOptions(**options))


def test_one_of_several_languages_stays_unnamed(tmp_path: Path, noise: Samples) -> None:
    """Parakeet hears which language is spoken and does not tell."""
    recognizer = OnnxRecognizer(write_parakeet(tmp_path), n_threads=1, languages=("ru", "en"))
    assert recognizer.recognize(noise, SPEECH, AsrOptions()).language is None
    assert recognizer.recognize(noise, SPEECH, AsrOptions(language="en")).language == "en"


def test_smaller_weights_are_taken(tmp_path: Path, noise: Samples) -> None:
    """Where full and quantised weights lie side by side, the quantised ones are read."""
    folder = write_gigaam_ctc(tmp_path)
    (folder / "v3_ctc.onnx").rename(folder / "v3_ctc.int8.onnx")
    (folder / "v3_ctc.onnx").write_bytes(b"never read")
    assert texts(OnnxRecognizer(folder, n_threads=1), noise)


def test_ctc_and_transducer_of_one_folder_do_not_mix(tmp_path: Path, noise: Samples) -> None:
    """The hub's folder of GigaAM has all variants; the one that writes punctuation is taken."""
    write_gigaam_ctc(tmp_path)
    write_gigaam_rnnt(tmp_path)
    alone = write_gigaam_rnnt(tmp_path / "alone")
    both = OnnxRecognizer(tmp_path, n_threads=1)
    assert texts(both, noise) == texts(OnnxRecognizer(alone, n_threads=1), noise)


def test_nothing_is_ever_downloaded(
    tmp_path: Path, noise: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that lacks a file is invalid; no connection is opened to complete it."""

    def connect(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", connect)
    folder = write_gigaam_rnnt(tmp_path)
    (folder / "v3_e2e_rnnt_joint.onnx").unlink()
    with pytest.raises(ModelInvalidError, match="joint"):
        OnnxRecognizer(folder)


@pytest.mark.parametrize("file", ["v3_ctc.onnx", "v3_vocab.txt", "config.json"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"one two three\n"])
def test_damaged_folder_is_an_error_of_ours(
    tmp_path: Path, noise: Samples, file: str, content: bytes
) -> None:
    """Whichever file is broken, at loading or at the latest at the first block."""
    folder = write_gigaam_ctc(tmp_path)
    (folder / file).write_bytes(content)
    with pytest.raises((ModelInvalidError, EngineFailedError)):
        texts(OnnxRecognizer(folder, n_threads=1), noise)


def test_damaged_configuration_of_nemo_is_invalid(tmp_path: Path) -> None:
    """It is read to tell NeMo's kinds apart."""
    folder = write_parakeet(tmp_path)
    (folder / "config.json").write_text(json.dumps(["no", "object"]))
    with pytest.raises(ModelInvalidError, match=r"config\.json"):
        OnnxRecognizer(folder)


def test_missing_gpu_is_said(tmp_path: Path) -> None:
    """Asked for by name, a GPU that is not there is an error, not a slow run."""
    with pytest.raises(EngineUnavailableError, match="CUDA"):
        OnnxRecognizer(write_gigaam_ctc(tmp_path), device="cuda")
