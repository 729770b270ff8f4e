"""PocketSphinx on its own model."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import ModelInvalidError, UnsupportedError
from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer
from stenograf.models.bundled import pocketsphinx_weights
from stenograf.testing.sound import read_speech


@pytest.fixture(scope="module")
def recognizer() -> PocketSphinxRecognizer:
    return PocketSphinxRecognizer(pocketsphinx_weights())


def test_a_clear_sentence_is_understood(recognizer: PocketSphinxRecognizer, assets: Path) -> None:
    """Four plain words come out right, without fillers or pronunciation numbers."""
    audio = read_speech(assets / "audio/asr/ru/test_sound_en.wav")
    result = recognizer.recognize(audio, [Span(0.0, len(audio) / 16_000)], AsrOptions())
    assert [word.text for word in result.words] == ["neural", "networks", "are", "good"]
    assert result.language == "en"


def test_silence_gives_no_words(recognizer: PocketSphinxRecognizer) -> None:
    """The decoder hears "kick" in digital silence; nobody said it."""
    audio = np.zeros(16_000, dtype=np.float32)
    assert list(recognizer.recognize(audio, [Span(0.0, 1.0)], AsrOptions()).words) == []


@pytest.mark.parametrize("options", [{"language": "ru"}, {"task": "translate"}])
def test_what_it_cannot_do_is_refused(
    recognizer: PocketSphinxRecognizer, options: dict[str, str]
) -> None:
    """English only, no translation: said before any work."""
    with pytest.raises(UnsupportedError):
        recognizer.recognize(np.zeros(0, dtype=np.float32), [], AsrOptions(**options))  # type: ignore[arg-type]


def test_native_logging_is_silent(
    recognizer: PocketSphinxRecognizer, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing reaches the terminal past Python."""
    PocketSphinxRecognizer(pocketsphinx_weights())
    assert capfd.readouterr() == ("", "")


def test_damaged_language_model_is_invalid(tmp_path: Path) -> None:
    """A broken part is a typed error instead of a RuntimeError."""
    folder = Path(shutil.copytree(pocketsphinx_weights(), tmp_path / "en-us"))
    (folder / "en-us.lm.bin").write_bytes(b"broken")
    with pytest.raises(ModelInvalidError, match="cannot be loaded"):
        PocketSphinxRecognizer(folder)
