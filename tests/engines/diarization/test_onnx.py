"""The default diarizer on the real segmentation, with made voices."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

from stenograf.core.errors import CancelledError, ModelInvalidError, ModelMissingError
from stenograf.core.options import DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.embedding import read_window, voice_masks
from stenograf.engines.diarization.fbank import fbank
from stenograf.engines.diarization.labelling import CentroidLabeller
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.diarization.pooling import Features
from stenograf.engines.diarization.relabelling import with_enough_speakers
from stenograf.testing.sound import read_speech

SAMPLE = "audio/diarization/pyannote-sample/sample.wav"


class LocalVoices:
    """Gives each local speaker of a window the same voice everywhere."""

    model: ClassVar[str] = "local"

    def embed(self, audio: object, activity: NDArray[np.bool_], **_: object) -> NDArray[np.float32]:
        embeddings = np.full((len(activity), 3, 3), np.nan, dtype=np.float32)
        window, local = np.where(activity.any(axis=1))
        embeddings[window, local] = np.eye(3, dtype=np.float32)[local]
        return embeddings


@pytest.fixture(scope="module")
def segmentation(assets: Path) -> Path:
    return assets / "models/segmentation-3.0/model.onnx"


class Counting(LocalVoices):
    """Remembers how many threads matrix products had, and which local speakers it was shown."""

    def embed(self, audio: object, activity: NDArray[np.bool_], **_: object) -> NDArray[np.float32]:
        found = (each for each in threadpool_info() if each["user_api"] == "blas")
        self.blas_threads = {int(each["num_threads"]) for each in found}
        return super().embed(audio, activity)


def diarizer(segmentation: Path, hop_s: float = 1.0) -> OnnxDiarizer:
    return OnnxDiarizer(
        segmentation,
        LocalVoices(),
        CentroidLabeller(),
        options=OnnxOptions(hop_s=hop_s),
        n_threads=1,
    )


@pytest.fixture(scope="module")
def speech(assets: Path) -> NDArray[np.float32]:
    return read_speech(assets / SAMPLE)[: 12 * 16_000]


@pytest.mark.parametrize("n_speakers", [1, 2, 3, 5])
def test_the_number_asked_for_is_given(
    segmentation: Path, speech: NDArray[np.float32], n_speakers: int
) -> None:
    """Exactly, even where so many voices cannot be found: then a notice says so."""
    done: list[float] = []
    result = diarizer(segmentation).diarize(
        speech,
        [Span(0.0, 12.0)],
        DiarizationOptions.of(speakers=n_speakers),
        on_progress=done.append,
    )
    assert len({turn.speaker for turn in result.turns}) == n_speakers
    assert all(turn.span.end <= 12.0 for turn in result.turns)
    assert done == sorted(done)
    if n_speakers in {1, 5}:
        assert bool(result.notices) == (n_speakers == 5)


def test_windows_every_two_seconds_hear_the_same_speech(
    segmentation: Path, speech: NDArray[np.float32]
) -> None:
    """The hop is an option; who speaks at all hardly depends on it."""
    by_hop = [
        diarizer(segmentation, hop_s).diarize(speech, [Span(0.0, 12.0)], DiarizationOptions()).turns
        for hop_s in (1.0, 2.0)
    ]
    spoken = [sum(turn.span.duration for turn in turns) for turns in by_hop]
    assert spoken[0] > 5.0
    assert spoken[1] == pytest.approx(spoken[0], rel=0.15)


def test_networks_and_products_keep_to_their_threads(
    segmentation: Path, speech: NDArray[np.float32]
) -> None:
    """As many threads as asked for work on the networks, and one multiplies beside them."""
    voices = Counting()
    engine = OnnxDiarizer(segmentation, voices, CentroidLabeller(), n_threads=2)
    working: set[str] = set()

    def watch(fraction: float) -> None:
        working.update(each.name for each in threading.enumerate() if "diarize" in each.name)

    with threadpool_limits(2, user_api="blas"):
        engine.diarize(speech, [Span(0.0, 12.0)], DiarizationOptions(), on_progress=watch)
    assert voices.blas_threads == {1}
    assert 1 <= len(working) <= 2


def test_silence_has_no_turns(segmentation: Path) -> None:
    """Whatever the bounds, with speech claimed or not."""
    silence = np.zeros(3 * 16_000, dtype=np.float32)
    three = DiarizationOptions.of(speakers=3)
    assert diarizer(segmentation).diarize(silence, [Span(0.0, 3.0)], three).turns == ()
    assert diarizer(segmentation).diarize(silence, [], three).turns == ()
    nothing = np.zeros(0, dtype=np.float32)
    assert diarizer(segmentation).diarize(nothing, [Span(0.0, 0.0)], three).turns == ()


def test_cancelling_gets_through(segmentation: Path, speech: NDArray[np.float32]) -> None:
    """An exception raised by the watcher is not swallowed."""

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        diarizer(segmentation).segment(speech, on_progress=cancel)


def test_wrong_weights_are_named(segmentation: Path, tmp_path: Path, assets: Path) -> None:
    """Missing, damaged and foreign files are told apart."""
    with pytest.raises(ModelMissingError):
        diarizer(tmp_path / "none.onnx")
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(segmentation.read_bytes()[:1000])
    with pytest.raises(ModelInvalidError, match="not an ONNX model"):
        diarizer(damaged)
    with pytest.raises(ModelInvalidError, match="an input x"):
        diarizer(assets / "models/ge2e/ge2e.onnx")


def test_too_few_voices_are_split_and_said() -> None:
    """The longest turns are halved until the number is met."""
    turns = [Turn(Span(0.0, 4.0), "SPEAKER_00", 0.9), Turn(Span(5.0, 6.0), "SPEAKER_00", 0.9)]
    result = with_enough_speakers(turns, 3)
    assert [turn.speaker for turn in result.turns] == [
        "SPEAKER_00",
        "SPEAKER_01",
        "SPEAKER_02",
        "SPEAKER_00",
    ]
    assert sum(turn.span.duration for turn in result.turns) == 5.0
    assert result.notices[0].text.startswith("Only 1 voices could be told apart")


def test_a_voice_is_described_by_what_it_says_alone() -> None:
    """Overlap is left out unless hardly anything else remains."""
    activity = np.zeros((1, 589, 3), dtype=np.bool_)
    activity[0, 100:200, 0] = activity[0, 150:202, 1] = True
    masks = voice_masks(activity, min_clean_frames=2)
    assert masks[0, :, 0].sum() == 50
    assert masks[0, :, 1].sum() == 52  # only two frames alone


def test_windows_past_the_end_are_filled_with_silence() -> None:
    """So that the last window is as long as the others."""
    window = read_window(np.ones(16_000, dtype=np.float32), 0, 16_000)
    assert (len(window), window.sum()) == (160_000, 16_000)


def test_fbank_of_a_tone_peaks_at_its_pitch() -> None:
    """1 kHz lies in mel bin 27 of 80; one frame per 10 ms."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    mels = fbank(tone)
    assert mels.shape == (98, 80)
    assert set(mels.argmax(axis=1).tolist()) == {27}
    assert fbank(tone[:399]).shape == (0, 80)


def test_pooling_equals_its_definition() -> None:
    """Weighted mean and unbiased deviation, whatever offset was taken away."""
    rng = np.random.default_rng(0)
    features = rng.normal(3.0, 1.0, (50, 7)).astype(np.float32)
    weights = (rng.random((2, 20)) > 0.4).astype(np.float32)
    pooled = Features.of(features).pool(weights, slice(10, 30))
    for row, mask in zip(pooled, weights > 0, strict=True):
        chosen = features[10:30][mask]
        assert np.allclose(row[:7], chosen.mean(axis=0), atol=1e-5)
        assert np.allclose(row[7:], chosen.std(axis=0, ddof=1), atol=1e-4)
