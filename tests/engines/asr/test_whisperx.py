"""WhisperX's decoder behind our port, with a stand-in for the package that decodes for real."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import EngineUnavailableError, ModelInvalidError
from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.core.waveform import Samples
from stenograf.engines.asr.whisperx import WhisperXRecognizer
from stenograf.testing.whisper import write_random_whisper


@dataclasses.dataclass
class Options:
    """The fields of the package's options that are set."""

    beam_size: int = 5
    initial_prompt: str | None = None
    hotwords: str | None = None
    no_repeat_ngram_size: int = 0


class Pipeline:
    """Says its language once for each second of sound; wraps results as whisperx 3.8 does."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.options = Options()
        self.tokenizer: Any = None
        self.batches: list[int] = []

    def __call__(
        self, sounds: Iterator[dict[str, Samples]], *, batch_size: int, num_workers: int
    ) -> Iterator[dict[str, Any]]:
        assert isinstance(sounds, Generator)
        self.batches.append(batch_size)
        for sound in sounds:
            text = f" {self.tokenizer.language_code}" * (len(sound["inputs"]) // 16_000)
            one = batch_size == 1
            yield {"text": [text] if one else text, "avg_logprob": [-0.5] if one else -0.5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_whisper(tmp_path_factory.mktemp("whisper"))


def load_model(weights: str, device: str, **options: Any) -> Pipeline:
    """As the package's function of that name."""
    from faster_whisper import WhisperModel

    print("Use manually assigned vad_model. vad_method is ignored.")
    assert options["local_files_only"]
    return Pipeline(WhisperModel(weights, device, compute_type=options["compute_type"]))


STAND_IN = SimpleNamespace(load_model=load_model)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "whisperx", STAND_IN)


NOISE = np.random.default_rng(1).standard_normal(70 * 16_000).astype(np.float32) * 0.1
SPEECH = [Span(0.0, 20.0), Span(22.0, 50.0), Span(60.0, 70.0)]


def test_words_lie_evenly_in_their_block(
    package: None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In order, inside speech, in the language asked for; standard output stays clean."""
    recognizer = WhisperXRecognizer(folder, n_threads=1)
    words = list(recognizer.recognize(NOISE, SPEECH, AsrOptions(language="ru")).words)
    assert {word.text for word in words} == {"ru"}
    starts = [word.span.start for word in words]
    assert starts == sorted(starts)
    np.testing.assert_allclose([w.span.duration for w in words], 1.0, atol=0.2)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("asked", "batches"), [(None, [3]), (1, [1, 1, 1]), (2, [2, 1])])
def test_batches_are_as_asked(
    package: None, folder: Path, asked: int | None, batches: list[int]
) -> None:
    """WhisperX's own number where nobody names one; results of one block are unwrapped."""
    recognizer = WhisperXRecognizer(folder, n_threads=1)
    options = AsrOptions(language="en", batch_size=asked)
    assert list(recognizer.recognize(NOISE, SPEECH, options).words)
    assert recognizer._pipeline.batches == batches


def test_options_reach_the_package(package: None, folder: Path) -> None:
    """Beam, prompt and hot words, as every Whisper engine minds them."""
    recognizer = WhisperXRecognizer(folder, n_threads=1)
    options = AsrOptions(language="en", beam_size=3, prompt="hya", hotwords="ssf")
    assert list(recognizer.recognize(NOISE, SPEECH, options).words)
    assert recognizer._pipeline.options == Options(3, "hya", "ssf", 0)


def test_damaged_folder_is_invalid_before_the_package_sees_it(tmp_path: Path) -> None:
    """The folder is checked first, so the package need not even be there."""
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelInvalidError, match="lacks"):
        WhisperXRecognizer(tmp_path)


def test_missing_package_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to run."""
    monkeypatch.setitem(sys.modules, "whisperx", None)
    with pytest.raises(EngineUnavailableError, match="whisperx"):
        WhisperXRecognizer(folder)
