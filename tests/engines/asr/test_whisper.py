"""OpenAI's checkpoints through openai-whisper, against the same weights on CTranslate2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import (
    EngineUnavailableError,
    ModelInvalidError,
    UnsupportedError,
)
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Recognizer
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import Samples, duration_s
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.whisper import OpenaiWhisperRecognizer
from stenograf.models.convert import convert_whisper
from stenograf.testing.sound import read_speech
from stenograf.testing.whisper_files import make_dims, make_weights, write_pt

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

CLIPS = ["asr/jfk.flac", "asr/ru/test_sound_ru.wav", "diarization/pyannote-sample/sample.wav"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dims = make_dims()
    return write_pt(tmp_path_factory.mktemp("openai") / "tiny.pt", dims, make_weights(dims))


@pytest.fixture(scope="module")
def recognizer(checkpoint: Path) -> OpenaiWhisperRecognizer:
    return OpenaiWhisperRecognizer(checkpoint)


@pytest.fixture(scope="module")
def converted(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    folder = tmp_path_factory.mktemp("ctranslate2") / "tiny"
    convert_whisper(checkpoint, folder)
    return FasterWhisperRecognizer(folder, compute_type="float32", n_threads=1)


def recognized(engine: Recognizer, audio: Samples, options: AsrOptions) -> list[Word]:
    whole = Span(0.0, duration_s(audio))
    return list(engine.recognize(audio, [whole], options).words)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize(
    "options",
    [
        AsrOptions(language="ru"),
        AsrOptions(language="en", prompt="Ask not", hotwords="Kennedy"),
        AsrOptions(language="de", task="translate", batch_size=2),
    ],
    ids=["ru", "prompt", "translate"],
)
def test_checkpoint_and_conversion_say_the_same(
    recognizer: Recognizer, converted: Recognizer, assets: Path, clip: str, options: AsrOptions
) -> None:
    """The same words from the `.pt` and from its CTranslate2 folder, at nearly the same times.

    Whole seconds: faster-whisper aligns over the block's length rounded up to a second.
    """
    audio = read_speech(assets / "audio" / clip)
    audio = audio[: len(audio) // 16_000 * 16_000]
    ours, theirs = (recognized(engine, audio, options) for engine in (recognizer, converted))
    assert len(ours) > 5
    assert [word.text for word in ours] == [word.text for word in theirs]
    starts = [[word.span.start for word in words] for words in (ours, theirs)]
    np.testing.assert_allclose(starts[0], starts[1], atol=0.05)
    probabilities = [[word.probability or 0.0 for word in words] for words in (ours, theirs)]
    np.testing.assert_allclose(probabilities[0], probabilities[1], atol=0.01)


def test_both_name_the_same_language(
    recognizer: Recognizer, converted: Recognizer, assets: Path
) -> None:
    """The vote over windows ends alike, with the same probability."""
    audio = read_speech(assets / "audio/asr/jfk.flac")
    found = [
        engine.recognize(audio, [Span(0.0, 10.0)], AsrOptions())
        for engine in (recognizer, converted)
    ]
    assert found[0].language == found[1].language
    assert found[0].language_probability == pytest.approx(found[1].language_probability, abs=0.01)


def test_beam_reaches_the_decoder(recognizer: Recognizer, assets: Path) -> None:
    """Following several guesses finds another text in a random model."""
    audio = read_speech(assets / "audio/asr/jfk.flac")
    greedy, wide = (
        recognized(recognizer, audio, AsrOptions(language="en", beam_size=n)) for n in (1, 4)
    )
    assert [word.text for word in greedy] != [word.text for word in wide]


def test_unknown_language_is_refused(recognizer: Recognizer) -> None:
    """A language the vocabulary lacks is named before decoding."""
    with pytest.raises(UnsupportedError, match="xx"):
        recognizer.recognize(
            np.zeros(16_000, dtype=np.float32), [Span(0, 1)], AsrOptions(language="xx")
        )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"\x80\x02."])
def test_damaged_checkpoint_is_invalid(tmp_path: Path, content: bytes) -> None:
    """What torch cannot read is an error that names the file."""
    path = tmp_path / "tiny.pt"
    path.write_bytes(content)
    with pytest.raises(ModelInvalidError, match=r"tiny\.pt"):
        OpenaiWhisperRecognizer(path)


def test_truncated_checkpoint_is_invalid(checkpoint: Path, tmp_path: Path) -> None:
    """A download that stopped half-way."""
    path = tmp_path / "half.pt"
    path.write_bytes(checkpoint.read_bytes()[:1_000_000])
    with pytest.raises(ModelInvalidError, match=r"half\.pt"):
        OpenaiWhisperRecognizer(path)


@pytest.mark.parametrize("compute_type", ["int8", "float16"])
def test_impossible_compute_type_is_refused(checkpoint: Path, compute_type: str) -> None:
    """Torch on a processor computes in float32."""
    with pytest.raises(EngineUnavailableError, match=compute_type):
        OpenaiWhisperRecognizer(checkpoint, compute_type=compute_type)
