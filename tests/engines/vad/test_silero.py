"""The Silero network behind the port."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import CancelledError, ModelInvalidError, ModelMissingError
from stenograf.core.span import total_duration
from stenograf.core.waveform import Samples
from stenograf.engines.vad import silero
from stenograf.engines.vad.silero import SileroDetector
from stenograf.models.bundled import silero_weights
from stenograf.testing.sound import read_speech


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector(silero_weights())


@pytest.fixture(scope="module")
def jfk(assets: Path) -> Samples:
    return read_speech(assets / "audio/asr/jfk.flac")


def test_speech_is_found(detector: SileroDetector, jfk: Samples) -> None:
    """Most of the speech clip is speech, in spans inside the recording."""
    spans = detector.detect(jfk)
    assert 0.5 < total_duration(spans) / (len(jfk) / 16_000) <= 1.0
    assert spans[-1].end <= len(jfk) / 16_000


@pytest.mark.parametrize("n_samples", [0, 1, 511, 512, 40_000])
def test_silence_has_no_speech(detector: SileroDetector, n_samples: int) -> None:
    """Silence of any length, even none, gives an empty list."""
    assert detector.detect(np.zeros(n_samples, dtype=np.float32)) == []


def test_slices_give_the_result_of_one_pass(
    detector: SileroDetector, jfk: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State and context travel across slices: the cut leaves no trace."""
    whole = detector.probabilities(jfk)
    monkeypatch.setattr(silero, "SLICE_FRAMES", 7)
    np.testing.assert_allclose(detector.probabilities(jfk), whole, atol=1e-5)


def test_probabilities_equal_those_of_faster_whisper(
    detector: SileroDetector, jfk: Samples
) -> None:
    """The same network driven by its usual driver says the same on whole frames."""
    from faster_whisper.vad import get_vad_model

    whole = jfk[: len(jfk) // 512 * 512]
    theirs = get_vad_model()(np.append(whole, np.zeros(512, dtype=np.float32)))
    np.testing.assert_allclose(
        detector.probabilities(whole), theirs.reshape(-1)[: len(whole) // 512], atol=1e-5
    )


class Endless:
    """Hours of silence that exist only slice by slice."""

    def __init__(self, n_samples: int) -> None:
        self.n_samples = n_samples
        self.longest = 0

    def __len__(self) -> int:
        return self.n_samples

    def __getitem__(self, index: slice) -> Samples:
        start, stop, _ = index.indices(self.n_samples)
        self.longest = max(self.longest, stop - start)
        return np.zeros(stop - start, dtype=np.float32)


def test_recording_is_read_by_slices(detector: SileroDetector) -> None:
    """No more than one slice is ever asked for."""
    audio = Endless(16_000 * 60)
    detector.detect(audio)
    assert audio.longest <= silero.SLICE_FRAMES * silero.FRAME_SAMPLES


def test_progress_reaches_one_and_may_cancel(detector: SileroDetector, jfk: Samples) -> None:
    """The watcher sees the end, and an exception from it passes."""
    seen: list[float] = []
    detector.detect(jfk, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        detector.detect(jfk, on_progress=cancel)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    """The error says where nothing was found."""
    with pytest.raises(ModelMissingError, match=r"nothing\.onnx"):
        SileroDetector(tmp_path / "nothing.onnx")


@pytest.mark.parametrize("content", [b"", b"not an onnx file", b"\x08\x07\x12\x04abcd"])
def test_damaged_weights_are_invalid(tmp_path: Path, content: bytes) -> None:
    """No runtime exception leaves the adapter."""
    weights = tmp_path / "silero.onnx"
    weights.write_bytes(content)
    with pytest.raises(ModelInvalidError):
        SileroDetector(weights)


def test_another_network_is_invalid(assets: Path) -> None:
    """An ONNX file with other inputs is refused by name."""
    with pytest.raises(ModelInvalidError, match="not Silero"):
        SileroDetector(assets / "models/segmentation-3.0/model.onnx")
