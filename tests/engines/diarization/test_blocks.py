"""Blocks of a recording give what one run over the whole of it would give."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf.engines.diarization.blocks import (
    CONTEXT_FRAMES,
    DOWNSAMPLING,
    WINDOW_FRAMES,
    Block,
    count_mels,
    read_blocks,
)


def trunk(mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of 8 frames less those of all frames that a ResNet's output may see."""
    n_frames = -(-len(mels) // DOWNSAMPLING)
    reach = CONTEXT_FRAMES - DOWNSAMPLING
    at = DOWNSAMPLING * np.arange(n_frames)
    return np.array(
        [
            mels[i : i + DOWNSAMPLING].mean(axis=0)
            - mels[max(0, i - reach) : i + DOWNSAMPLING + reach].mean(axis=0)
            for i in at
        ],
        dtype=np.float32,
    )


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 0.1, 65 * 16_000 + 123).astype(np.float32)


def test_blocks_join_to_the_whole(sound: NDArray[np.float32]) -> None:
    """Each sees as much around it as its outputs depend on."""
    n_mels = count_mels(len(sound))
    n_frames = -(-n_mels // DOWNSAMPLING)
    whole = trunk(Block(0, n_frames, 0, n_mels, 0, sound).centred_mels())
    starts = range(0, n_frames, WINDOW_FRAMES // 10)
    joined = np.concatenate(
        [block.inside(trunk(block.centred_mels())) for block in read_blocks(sound, starts)]
    )
    assert joined.shape == whole.shape
    assert np.allclose(joined, whole, atol=1e-3)


def test_pauses_are_not_read(sound: NDArray[np.float32]) -> None:
    """Between windows in which somebody speaks the trunk has nothing to do."""
    blocks = [(block.start, block.end) for block in read_blocks(sound, [0, 10, 500])]
    assert blocks == [(0, 250), (500, 750)]


def test_no_sound_has_no_blocks() -> None:
    """Less than one frame of 25 ms."""
    assert list(read_blocks(np.zeros(399, dtype=np.float32), [0])) == []
