"""What every voice detector promises."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import CancelledError
from stenograf.core.ports import VoiceDetector
from stenograf.core.span import total_duration
from stenograf.core.waveform import Samples, duration_s
from stenograf.engines.vad.silero import SileroDetector
from stenograf.models.bundled import silero_weights
from stenograf.testing.fakes import FakeDetector
from stenograf.testing.sound import read_speech


@pytest.fixture(scope="module", params=["fake", "silero"])
def detector(request: pytest.FixtureRequest) -> VoiceDetector:
    return FakeDetector() if request.param == "fake" else SileroDetector(silero_weights())


@pytest.fixture(scope="module")
def audio(assets: Path) -> Samples:
    """11 s of speech, 5 s of nothing."""
    clip = read_speech(assets / "audio/asr/jfk.flac")
    return np.concatenate([clip, np.zeros(5 * 16_000, dtype=np.float32)])


def test_spans_are_sorted_disjoint_and_inside(detector: VoiceDetector, audio: Samples) -> None:
    """Speech is found where it is, and not in the silence behind it."""
    spans = detector.detect(audio)
    assert total_duration(spans) > 5.0
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert spans[0].start >= 0.0
    assert spans[-1].end < duration_s(audio) - 4.0


@pytest.mark.parametrize("n_samples", [0, 1, 16_000])
def test_silence_has_no_speech(detector: VoiceDetector, n_samples: int) -> None:
    """Nobody speaks in silence, however short."""
    assert detector.detect(np.zeros(n_samples, dtype=np.float32)) == []


def test_progress_grows_to_one_and_may_cancel(detector: VoiceDetector, audio: Samples) -> None:
    """The watcher sees the end, and its exception passes."""
    seen: list[float] = []
    detector.detect(audio, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        detector.detect(audio, on_progress=cancel)


def test_the_same_sound_gives_the_same_spans(detector: VoiceDetector, audio: Samples) -> None:
    """No state is left over from one recording to the next."""
    assert detector.detect(audio) == detector.detect(audio)
