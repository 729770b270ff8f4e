"""The embedder of the default diarizer, with a small network in place of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf.core.waveform import SAMPLE_RATE_HZ
from stenograf.engines.diarization import resnet
from stenograf.engines.diarization.pooling import Head
from stenograf.engines.diarization.resnet import ResNetEmbedder
from stenograf.engines.diarization.segmentation import FRAMES_PER_WINDOW

N_WINDOWS = 51  # one every second: 60 s


class Trunk:
    """Means of eight frames in four bands; remembers how much it was given."""

    n_frames = 0

    def __init__(self, *_: object, **__: object) -> None:
        Trunk.n_frames = 0

    def __call__(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        Trunk.n_frames += mels.shape[1]
        return mels[:, ::8, ::20].transpose(0, 2, 1)


class Counting(Head):
    """A head that changes nothing and remembers how many voices it described."""

    n_voices = 0

    def __call__(self, statistics: NDArray[np.float32]) -> NDArray[np.float32]:
        Counting.n_voices += len(statistics)
        return statistics


@pytest.fixture(params=[False, True], ids=["once", "per window"])
def embedder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ResNetEmbedder:
    monkeypatch.setattr(resnet, "OnnxModel", Trunk)
    none = np.zeros(8, dtype=np.float32)
    monkeypatch.setattr(resnet, "load_head", lambda _: Counting(none[:, None], none))
    Counting.n_voices = 0
    return ResNetEmbedder(Path("trunk"), Path("head"), n_threads=2, per_window=request.param)


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    noise = np.random.default_rng(0).normal(0, 0.1, 60 * SAMPLE_RATE_HZ)
    return noise.astype(np.float32)


def test_who_is_silent_costs_nothing(embedder: ResNetEmbedder, sound: NDArray[np.float32]) -> None:
    """A vector for each voice that is heard and for no other; no network where nobody talks."""
    activity = np.zeros((N_WINDOWS, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    activity[2, 100:400, 1] = activity[40, 50:90, 0] = activity[40, 200:300, 2] = True
    found = embedder.embed(sound, activity, hop_samples=SAMPLE_RATE_HZ)
    heard = activity.any(axis=1)
    assert np.array_equal(np.isfinite(found).all(axis=2), heard)
    assert np.array_equal(np.isnan(found).all(axis=2), ~heard)
    assert Counting.n_voices == 3
    assert Trunk.n_frames <= 2 * (2000 + 240)  # of 6000: a block or a window for each pause's end


def test_two_masks_over_one_sound_are_told_apart(
    embedder: ResNetEmbedder, sound: NDArray[np.float32]
) -> None:
    """Each voice is described by its own frames: the quiet half and the loud one."""
    louder = sound.copy()
    louder[5 * SAMPLE_RATE_HZ :] *= 10
    activity = np.zeros((1, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    activity[0, :290, 0] = activity[0, 300:, 1] = True
    quiet, loud, silent = embedder.embed(
        louder[: 10 * SAMPLE_RATE_HZ], activity, hop_samples=SAMPLE_RATE_HZ
    )[0]
    assert (loud[:4] - quiet[:4] > 1.0).all()  # 4.6 less what centring takes
    assert np.isnan(silent).all()
