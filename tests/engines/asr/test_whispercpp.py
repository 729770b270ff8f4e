"""whisper.cpp through pywhispercpp, on random weights in the real file format."""

from __future__ import annotations

import struct
from pathlib import Path

import _pywhispercpp
import numpy as np
import pytest

from stenograf.core.errors import CancelledError, EngineUnavailableError, ModelInvalidError
from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.core.waveform import Samples
from stenograf.engines.asr import heartbeat
from stenograf.engines.asr.whispercpp import WhisperCppRecognizer
from stenograf.testing.whisper_files import make_dims, make_weights, write_ggml

ENGLISH = AsrOptions(language="en")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dims = make_dims(layers=1)
    return write_ggml(tmp_path_factory.mktemp("ggml") / "ggml-tiny.bin", dims, make_weights(dims))


@pytest.fixture(scope="module")
def recognizer(model: Path) -> WhisperCppRecognizer:
    return WhisperCppRecognizer(model, n_threads=1)


@pytest.fixture(scope="module")
def noise() -> Samples:
    return np.random.default_rng(1).standard_normal(40 * 16_000).astype(np.float32) * 0.1


def texts(recognizer: WhisperCppRecognizer, audio: Samples, options: AsrOptions) -> list[str]:
    return [word.text for word in recognizer.recognize(audio, [Span(0.0, 3.0)], options).words]


@pytest.fixture(scope="module")
def plain(recognizer: WhisperCppRecognizer, noise: Samples) -> list[str]:
    """What is heard without any option."""
    return texts(recognizer, noise, ENGLISH)


@pytest.mark.parametrize(
    "options",
    [
        AsrOptions(language="ru"),
        AsrOptions(language="en", task="translate"),
        AsrOptions(language="en", prompt="ask not"),
        AsrOptions(language="en", hotwords="Kennedy"),
        AsrOptions(language="en", beam_size=3),
    ],
    ids=["language", "task", "prompt", "hotwords", "beam"],
)
def test_every_option_reaches_the_model(
    recognizer: WhisperCppRecognizer, noise: Samples, options: AsrOptions, plain: list[str]
) -> None:
    """A random model answers differently to each option, so none is lost on the way."""
    assert texts(recognizer, noise, options) != plain


def test_quantised_weights_are_read(tmp_path: Path, noise: Samples) -> None:
    """A q8_0 file recognizes, and its language is found with a probability."""
    dims = make_dims(layers=1)
    path = write_ggml(tmp_path / "ggml-tiny-q8_0.bin", dims, make_weights(dims), kind="q8_0")
    result = WhisperCppRecognizer(path, n_threads=1).recognize(
        noise, [Span(0.0, 5.0)], AsrOptions()
    )
    assert len(list(result.words)) > 5
    assert result.language is not None
    assert 0.0 < (result.language_probability or 0.0) <= 1.0


def test_english_only_file_knows_its_language(tmp_path: Path, noise: Samples) -> None:
    """Nothing has to be detected."""
    dims = make_dims(n_vocab=51864, layers=1)
    path = write_ggml(tmp_path / "ggml-tiny.en.bin", dims, make_weights(dims))
    result = WhisperCppRecognizer(path, n_threads=1).recognize(
        noise, [Span(0.0, 2.0)], AsrOptions()
    )
    assert (result.language, result.language_probability) == ("en", None)
    assert list(result.words)


@pytest.mark.e2e
def test_many_heads_do_not_run_out_of_memory(tmp_path: Path, noise: Samples) -> None:
    """Times of a full answer by 32 heads take more than its own 128 MB, and it would abort."""
    dims = make_dims(n_text_head=32, layers=1)
    path = write_ggml(tmp_path / "ggml-wide.bin", dims, make_weights(dims))
    words = WhisperCppRecognizer(path, n_threads=1).recognize(noise, [Span(0.0, 30.0)], ENGLISH)
    assert len(list(words.words)) > 50


def test_cancel_stops_native_code(
    recognizer: WhisperCppRecognizer, noise: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block under way ends too, so that the next recording need not wait for it."""
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    calls: list[float] = []
    statuses: list[int] = []

    def whisper_full(*args: object) -> int:
        statuses.append(decode(*args))
        return statuses[-1]

    decode = _pywhispercpp.whisper_full
    monkeypatch.setattr(_pywhispercpp, "whisper_full", whisper_full)

    def cancel(fraction: float) -> None:
        calls.append(fraction)
        if len(calls) > 2:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        list(recognizer.recognize(noise, [Span(0.0, 30.0)], ENGLISH, on_progress=cancel).words)
    with recognizer._alone:
        assert statuses
        assert 0 not in statuses
    assert texts(recognizer, noise, ENGLISH)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "does not begin"),
        (b"PK\x03\x04" + bytes(64), "does not begin"),
        (b"GGUF" + bytes(64), "gguf"),
        (b"lmgg", "too early"),
        (b"lmgg" + bytes(200), "sizes"),
        (b"lmgg" + b"\xff" * 200, "sizes"),
    ],
)
def test_foreign_files_never_reach_native_code(tmp_path: Path, content: bytes, reason: str) -> None:
    """Each is a typed error that says what is wrong; whisper.cpp would end the process."""
    path = tmp_path / "ggml-bad.bin"
    path.write_bytes(content)
    with pytest.raises(ModelInvalidError, match=reason):
        WhisperCppRecognizer(path)


@pytest.mark.parametrize("kept", [0.001, 0.1, 0.5, 0.999])
def test_truncated_files_never_reach_native_code(model: Path, tmp_path: Path, kept: float) -> None:
    """Wherever a download stopped."""
    content = model.read_bytes()
    path = tmp_path / "ggml-half.bin"
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ModelInvalidError, match="ends"):
        WhisperCppRecognizer(path)


def test_float32_convolutions_are_refused(tmp_path: Path) -> None:
    """whisper.cpp opens such a file and then aborts on the first sound."""
    dims = make_dims(state=32, layers=1)
    path = write_ggml(tmp_path / "ggml-f32.bin", dims, make_weights(dims), kind="f32")
    with pytest.raises(ModelInvalidError, match="float16"):
        WhisperCppRecognizer(path)


def test_tensors_of_another_model_are_refused(model: Path, tmp_path: Path) -> None:
    """A whole file whose sizes contradict its tensors is refused by what whisper.cpp says."""
    content = bytearray(model.read_bytes())
    content[4 + 4 * 4 : 4 + 5 * 4] = struct.pack("<i", 3)  # n_audio_layer
    path = tmp_path / "ggml-mixed.bin"
    path.write_bytes(content)
    with pytest.raises(ModelInvalidError, match="cannot be loaded"):
        WhisperCppRecognizer(path)


@pytest.mark.parametrize(
    ("field", "value", "reason"), [(3, 47, "sizes"), (7, 3, "sizes"), (10, 145, "unknown kind")]
)
def test_impossible_sizes_never_reach_native_code(
    model: Path, tmp_path: Path, field: int, value: int, reason: str
) -> None:
    """Heads that do not share a layer, or a kind of weights that is none: whisper.cpp aborts."""
    content = bytearray(model.read_bytes())
    content[4 + 4 * field : 8 + 4 * field] = struct.pack("<i", value)
    path = tmp_path / "ggml-odd.bin"
    path.write_bytes(content)
    with pytest.raises(ModelInvalidError, match=reason):
        WhisperCppRecognizer(path)


def test_missing_gpu_is_said(model: Path) -> None:
    """Asked for by name, a GPU that is not there is an error, not a slow run."""
    with pytest.raises(EngineUnavailableError, match="no GPU"):
        WhisperCppRecognizer(model, device="cuda")
