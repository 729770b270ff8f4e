"""Probabilistic linear discriminant analysis of speaker embeddings (BUT's VBx recipe)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import ModelInvalidError, ModelMissingError

Floats: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Plda:
    """A space where variance within a speaker is one and variance between speakers is `phi`.

    `mean1` (256,), `lda` (256, 128) and `mean2` (128,) whiten an embedding; `mu` (128,) and
    `transform` (128, 128) diagonalise it. `phi` (128,) falls from the most telling dimension.
    """

    mean1: Floats
    mean2: Floats
    lda: Floats
    mu: Floats
    transform: Floats
    phi: Floats

    def project(self, embeddings: Floats) -> NDArray[np.float64]:
        """Embeddings in that space: (n, 256) to (n, 128)."""
        n_in, n_out = self.lda.shape
        whitened = np.sqrt(n_in) * _unit(embeddings - self.mean1) @ self.lda - self.mean2
        centred = np.sqrt(n_out) * _unit(whitened) - self.mu
        projected: NDArray[np.float64] = centred @ self.transform.T
        return projected


def load_plda(folder: Path) -> Plda:
    """The PLDA of a pipeline folder: `xvec_transform.npz` and `plda.npz`."""
    from scipy.linalg import eigh

    xvector = _read(folder / "xvec_transform.npz", ("mean1", "mean2", "lda"))
    plda = _read(folder / "plda.npz", ("mu", "tr", "psi"))
    transform = plda["tr"]
    within = np.linalg.inv(transform.T @ transform)
    between = np.linalg.inv((transform.T / plda["psi"]) @ transform)
    variances, vectors = eigh(between, within)  # rising
    return Plda(
        mean1=xvector["mean1"],
        mean2=xvector["mean2"],
        lda=xvector["lda"],
        mu=plda["mu"],
        transform=vectors.T[::-1],
        phi=variances[::-1],
    )


def _read(path: Path, names: tuple[str, ...]) -> dict[str, Floats]:
    if not path.is_file():
        raise ModelMissingError("There is no PLDA file {path}.", path=str(path))
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (OSError, ValueError, KeyError) as error:
        raise ModelInvalidError("{path} holds no PLDA.", path=str(path)) from error


def _unit(vectors: Floats) -> Floats:
    directions: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return directions
