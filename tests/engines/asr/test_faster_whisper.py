"""Whisper through faster-whisper, on random weights of the real architecture."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faster_whisper import WhisperModel

from stenograf.core.errors import (
    CancelledError,
    EngineUnavailableError,
    ModelInvalidError,
    ModelMissingError,
    UnsupportedError,
)
from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import Samples
from stenograf.engines.asr import heartbeat
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.heard import Heard
from stenograf.testing.whisper import write_random_whisper


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="module")
def recognizer(folder: Path) -> FasterWhisperRecognizer:
    return FasterWhisperRecognizer(folder, n_threads=1)


@pytest.fixture(scope="module")
def english_only(tmp_path_factory: pytest.TempPathFactory) -> FasterWhisperRecognizer:
    folder = write_random_whisper(tmp_path_factory.mktemp("whisper.en"), multilingual=False)
    return FasterWhisperRecognizer(folder, n_threads=1)


@pytest.fixture(scope="module")
def noise() -> Samples:
    """50 s of noise: enough for several blocks."""
    return np.random.default_rng(1).standard_normal(50 * 16_000).astype(np.float32) * 0.1


# With the margin that the engine hears around them: 0 to 5, 6 to 31 and 35 to 50 s.
BLOCKS = [Span(0.0, 4.8), Span(6.2, 30.8), Span(35.2, 50.0)]
SHORT = [Span(1.0, 3.0), Span(6.0, 8.0), Span(14.0, 16.0)]  # a block each, at most 4 s long


def texts(recognizer: FasterWhisperRecognizer, audio: Samples, **options: Any) -> list[str]:
    chosen = AsrOptions(**{"language": "en", **options})
    return [word.text for word in recognizer.recognize(audio, [Span(0.0, 3.0)], chosen).words]


def starts(words: list[Word]) -> list[float]:
    return [word.span.start for word in words]


def test_batches_do_not_change_words(recognizer: FasterWhisperRecognizer, noise: Samples) -> None:
    """One block at a time or all at once: the same words at the same times."""
    single, whole = (
        list(recognizer.recognize(noise, BLOCKS, AsrOptions(language="en", batch_size=n)).words)
        for n in (1, 8)
    )
    assert [word.text for word in single] == [word.text for word in whole]
    np.testing.assert_allclose(starts(single), starts(whole), atol=0.021)


def test_words_come_before_the_whole_recording_is_decoded(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """The first words of a long recording are there after the first batch."""
    seen: list[float] = []
    options = AsrOptions(language="en", batch_size=1)
    words = recognizer.recognize(noise, BLOCKS, options, on_progress=seen.append).words
    next(words)
    assert not seen or seen[-1] < 0.7


def test_language_is_detected_with_its_probability(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """Without a language the engine names one at once, before any word."""
    result = recognizer.recognize(noise, BLOCKS, AsrOptions())
    assert result.language in recognizer._model.supported_languages
    assert result.language_probability is not None
    assert 0.0 < result.language_probability <= 1.0


def test_given_language_has_no_probability(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """Nobody measured what the caller knew."""
    result = recognizer.recognize(noise, BLOCKS, AsrOptions(language="ru"))
    assert (result.language, result.language_probability) == ("ru", None)


@pytest.fixture(scope="module")
def plain(recognizer: FasterWhisperRecognizer, noise: Samples) -> list[str]:
    """What is heard without any option."""
    return texts(recognizer, noise)


@pytest.mark.parametrize(
    "change",
    [
        {"language": "ru"},
        {"task": "translate"},
        {"prompt": "hya ssf"},
        {"hotwords": "ssf"},
        {"beam_size": 3},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_option_reaches_the_model(
    recognizer: FasterWhisperRecognizer, noise: Samples, change: dict[str, Any], plain: list[str]
) -> None:
    """A random model answers differently to each option, so none is lost on the way."""
    assert texts(recognizer, noise, **change) != plain


def test_a_loop_cannot_run_away(recognizer: FasterWhisperRecognizer, noise: Samples) -> None:
    """A second of sound gets at most 36 tokens, though this model never ends by itself."""
    result = recognizer.recognize(noise, [Span(0.0, 0.8)], AsrOptions(language="en"))
    assert 30 <= len(list(result.words)) <= 36


def test_full_blocks_may_use_whispers_own_limit(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """The bound for 30 s is the 224 tokens of openai/whisper, not half of them."""
    half = noise[: 30 * 16_000]
    result = recognizer.recognize(half, [Span(0.0, 30.0)], AsrOptions(language="en"))
    assert 200 <= len(list(result.words)) <= 224


def test_endless_prompt_is_shortened_and_said(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """Prompt and hot words beyond the model's room are cut with a notice instead of failing."""
    options = AsrOptions(language="en", prompt="hya " * 500, hotwords="ssf " * 500)
    result = recognizer.recognize(noise, [Span(0.0, 2.0)], options)
    assert list(result.words)
    assert [notice.details["part"] for notice in result.notices] == ["hotwords", "prompt"]


def test_cancel_does_not_wait_for_the_batch(
    recognizer: FasterWhisperRecognizer, noise: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller may stop while native code still runs."""
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    begun, cancelled, ended = threading.Event(), threading.Event(), threading.Event()

    def decode(*_: object, **__: object) -> None:
        begun.set()
        cancelled.wait(20.0)
        ended.set()

    def cancel(fraction: float) -> None:
        if begun.is_set():
            raise CancelledError("Stopped.")

    monkeypatch.setattr(recognizer, "_decode", decode)
    words = recognizer.recognize(noise, BLOCKS, AsrOptions(language="en"), on_progress=cancel).words
    with pytest.raises(CancelledError):
        next(words)
    still_decodes = begun.is_set() and not ended.is_set()
    cancelled.set()
    assert still_decodes


@pytest.mark.parametrize("options", [{"language": "ru"}, {"task": "translate"}])
def test_english_only_model_refuses_the_rest(
    english_only: FasterWhisperRecognizer, noise: Samples, options: dict[str, Any]
) -> None:
    """A model that cannot do it says so before it decodes."""
    with pytest.raises(UnsupportedError, match="English only"):
        english_only.recognize(noise, BLOCKS, AsrOptions(**options))


def test_english_only_model_needs_no_detection(
    english_only: FasterWhisperRecognizer, noise: Samples
) -> None:
    """Its language is known."""
    result = english_only.recognize(noise, BLOCKS, AsrOptions())
    assert result.language == "en"
    assert list(result.words)


@pytest.mark.parametrize("language", ["xx", "english", ""])
def test_unknown_language_is_refused(
    recognizer: FasterWhisperRecognizer, noise: Samples, language: str
) -> None:
    """A language the vocabulary lacks is named, not decoded as something else."""
    with pytest.raises(UnsupportedError):
        recognizer.recognize(noise, BLOCKS, AsrOptions(language=language))


def damaged(folder: Path, target: Path, **files: bytes | None) -> Path:
    """A copy of a model folder with files replaced or, for None, removed."""
    shutil.copytree(folder, target)
    for name, content in files.items():
        path = target / name.replace("_json", ".json").replace("_bin", ".bin")
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    return target


@pytest.mark.parametrize(
    "files",
    [
        {"model_bin": b""},
        {"model_bin": b"PK\x03\x04 a checkpoint of another program"},
        {"model_bin": b"\x06\x00\x00\x00\xff\xff" + b"\xff" * 64},
        {"tokenizer_json": b""},
        {"tokenizer_json": b"{}"},
        {"tokenizer_json": json.dumps({"added_tokens": [], "model": {"vocab": {}}}).encode()},
        {"vocabulary_json": b"not json"},
        {"vocabulary_json": b"[]"},
        {"config_json": b"not json"},
        {"model_bin": None},
        {"tokenizer_json": None},
        {"vocabulary_json": None},
    ],
    ids=str,
)
def test_damaged_folder_is_invalid(
    folder: Path, tmp_path: Path, files: dict[str, bytes | None]
) -> None:
    """Each broken part is a typed error that names the folder."""
    with pytest.raises(ModelInvalidError, match="broken"):
        FasterWhisperRecognizer(damaged(folder, tmp_path / "broken", **files))


def test_truncated_weights_are_invalid(folder: Path, tmp_path: Path) -> None:
    """A download that stopped half-way is told as such."""
    half = (folder / "model.bin").read_bytes()[:2_000_000]
    with pytest.raises(ModelInvalidError, match="cannot be loaded"):
        FasterWhisperRecognizer(damaged(folder, tmp_path / "half", model_bin=half))


def test_missing_folder_and_file_are_told_apart(tmp_path: Path) -> None:
    """Nothing there, or the wrong kind of thing there."""
    with pytest.raises(ModelMissingError):
        FasterWhisperRecognizer(tmp_path / "nothing")
    checkpoint = tmp_path / "medium.pt"
    checkpoint.write_bytes(b"PK")
    with pytest.raises(ModelInvalidError, match="is a file") as caught:
        FasterWhisperRecognizer(checkpoint)
    assert "Convert" in caught.value.advice


@pytest.mark.parametrize("compute_type", ["float99", "int8_float16"])
def test_impossible_compute_type_is_refused(folder: Path, compute_type: str) -> None:
    """A processor cannot compute in float16, nobody in float99."""
    with pytest.raises(EngineUnavailableError, match=compute_type):
        FasterWhisperRecognizer(folder, compute_type=compute_type)


class OnGpu:
    """A model of CTranslate2 that says it lies on a GPU."""

    device = "cuda"

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def test_a_gpu_gets_float16_and_large_batches(
    folder: Path, noise: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What CTranslate2 is asked for where it sees a GPU; only the GPU itself is made up."""
    asked: dict[str, Any] = {}

    def load(path: str, **options: Any) -> Any:
        asked.update(options)
        model = WhisperModel(path, **{**options, "device": "cpu", "compute_type": "int8"})
        model.model = OnGpu(model.model)
        return model

    monkeypatch.setattr("faster_whisper.WhisperModel", load)
    monkeypatch.setattr("stenograf.engines.asr.whisper_model.has_gpu", lambda: True)
    recognizer = FasterWhisperRecognizer(folder, device="auto", n_threads=1)
    assert (asked["device"], asked["compute_type"]) == ("auto", "float16")
    seen: list[int] = []

    def decode(batch: Sequence[Samples], **_: Any) -> list[list[Heard]]:
        seen.append(len(batch))
        return [[] for _ in batch]

    monkeypatch.setattr(recognizer, "_decode", decode)
    for batch_size, batches in {None: [16, 9], 8: [8, 8, 8, 1], 24: [24, 1]}.items():
        options = AsrOptions(language="en", batch_size=batch_size, max_block_s=2.0)
        assert list(recognizer.recognize(noise, [Span(0.0, 50.0)], options).words) == []
        assert seen == batches
        seen.clear()


def test_unknown_device_is_refused(folder: Path) -> None:
    """The device is named instead of a runtime's message alone."""
    with pytest.raises(EngineUnavailableError, match="toaster"):
        FasterWhisperRecognizer(folder, device="toaster")


def test_mel_bands_come_from_the_weights(folder: Path, tmp_path: Path) -> None:
    """A wrong or absent preprocessor_config.json does not stop a model."""
    wrong = json.dumps({"feature_size": 128}).encode()
    target = damaged(folder, tmp_path / "mels", preprocessor_config_json=wrong)
    recognizer = FasterWhisperRecognizer(target)
    noise = np.ones(16_000, dtype=np.float32)
    assert list(recognizer.recognize(noise, [Span(0, 1)], AsrOptions(language="en")).words)


def test_the_vote_stays_inside_the_list(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """A random model hears any of a hundred languages; the answer is one of the two allowed."""
    result = recognizer.recognize(noise, BLOCKS, AsrOptions(languages=("ru", "en")))
    assert result.language in {"ru", "en"}
    assert result.language_votes[result.language] == result.language_probability
    assert len(result.language_votes) > 1


def test_each_block_may_speak_its_own_language(
    recognizer: FasterWhisperRecognizer, noise: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block that sounds Russian is decoded as Russian, the other as English, in any batch."""
    loud = noise * np.where(np.arange(len(noise)) < 12 * 16_000, 1.0, 2.0).astype(np.float32)

    def ranked(samples: Samples) -> list[tuple[str, float]]:
        return [("ru" if samples.std() > 0.15 else "en", 0.9), ("de", 0.1)]

    monkeypatch.setattr(recognizer, "_ranked", ranked)

    def heard(first_s: float, last_s: float, **changes: Any) -> list[str]:
        words = recognizer.recognize(loud, SHORT, AsrOptions(max_block_s=4.0, **changes)).words
        return [word.text for word in words if first_s <= word.span.start <= last_s]

    expected = heard(0.0, 10.0, language="en") + heard(13.0, 17.0, language="ru")
    for batch_size in (1, 3):
        assert heard(0.0, 50.0, multilingual=True, batch_size=batch_size) == expected
    assert heard(0.0, 10.0, language="ru") != heard(0.0, 10.0, language="en")


def test_no_token_repeats_where_that_is_asked(
    recognizer: FasterWhisperRecognizer, noise: Samples
) -> None:
    """The decoder may not say the same token twice in a block."""
    free = texts(recognizer, noise)
    assert len(set(free)) < len(free)
    assert texts(recognizer, noise, no_repeat_ngram=1) != free


def test_blocks_are_told(recognizer: FasterWhisperRecognizer, noise: Samples) -> None:
    """Whoever judges the words knows what was decoded at once."""
    blocks = recognizer.recognize(noise, BLOCKS, AsrOptions(language="en")).blocks
    assert [(block[0].start, block[-1].end) for block in blocks] == [(0.0, 31.0), (35.0, 50.0)]
