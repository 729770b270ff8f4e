"""Mean and deviation of a network's features over the frames of one speaker, in float32."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import ModelInvalidError, ModelMissingError

EPSILON: Final = 1e-8  # as in pyannote.audio


@dataclass(frozen=True, slots=True)
class Features:
    """Trunk features prepared for pooling many masks over the same frames.

    `centred` and `squared` (n_frames, n_features): features less `offset`, and their squares;
    the offset keeps the difference of moments exact enough in float32.
    """

    centred: NDArray[np.float32]
    squared: NDArray[np.float32]
    offset: NDArray[np.float32]

    @classmethod
    def of(
        cls, features: NDArray[np.float32], offset: NDArray[np.float32] | None = None
    ) -> Features:
        """Prepared features (n_frames, n_features), less their mean or a given offset."""
        if offset is None:
            offset = features.mean(axis=0)
        centred = features - offset
        return cls(centred, centred * centred, offset)

    def pool(self, weights: NDArray[np.float32], frames: slice) -> NDArray[np.float32]:
        """Weighted means, then deviations: (n_masks, n_frames) to (n_masks, 2 * n_features).

        Deviations are unbiased for reliability weights.
        """
        total = weights.sum(axis=1, keepdims=True)
        norm = total + EPSILON
        first = weights @ self.centred[frames]
        mean = first / norm
        spread = weights @ self.squared[frames] - 2 * mean * first + mean**2 * total
        freedom = norm - (weights**2).sum(axis=1, keepdims=True) / norm + EPSILON
        deviation = np.sqrt(np.maximum(spread, 0) / freedom)
        pooled: NDArray[np.float32] = np.concatenate([mean + self.offset, deviation], axis=1)
        return pooled.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """The linear layer after pooling: weight (d, n_statistics), bias (d,)."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __call__(self, statistics: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings (n, d) of pooled statistics (n, n_statistics)."""
        embeddings: NDArray[np.float32] = statistics @ self.weight.T + self.bias
        return embeddings


def load_head(path: Path) -> Head:
    """The head that `stenograf.models.convert` writes beside a trunk."""
    if not path.is_file():
        raise ModelMissingError("There is no embedding head at {path}.", path=str(path))
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Head(arrays["weight"], arrays["bias"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelInvalidError("{path} holds no embedding head.", path=str(path)) from error
