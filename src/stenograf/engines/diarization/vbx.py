"""Bayesian clustering of embeddings without a hidden Markov model.

Landini et al. 2022, "Bayesian HMM clustering of x-vector sequences (VBx)", arXiv 2012.14952;
numbers in comments are the equations there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.engines.diarization.plda import Floats

CONVERGED: Final = 1e-4  # gain of the evidence bound
INIT_SMOOTHING: Final = 7.0
LEAST_LOG: Final = -600.0  # of a responsibility: below -700 numbers turn subnormal, and slow
MAX_ITERATIONS: Final = 20


@dataclass(frozen=True, slots=True)
class SpeakerModel:
    """`responsibilities` (n, n_speakers) of each speaker for each embedding; `priors` of each."""

    responsibilities: NDArray[np.float64]
    priors: NDArray[np.float64]


def infer_speakers(
    features: Floats, phi: Floats, start: NDArray[np.int_], *, fa: float, fb: float
) -> SpeakerModel:
    """Soft clusters that explain `features` (n, d) best, from the hard clusters `start` (n,).

    `phi` (d,) is the variance between speakers. `fa` scales the evidence; `fb` makes superfluous
    speakers die out: their priors fall towards zero.
    """
    from scipy.special import logsumexp, softmax

    one_hot = np.eye(int(start.max()) + 1)[start]
    gamma = softmax(one_hot * INIT_SMOOTHING, axis=1)
    priors = np.full(gamma.shape[1], 1 / gamma.shape[1])
    constant = -0.5 * (
        (features**2).sum(axis=1, keepdims=True) + features.shape[1] * np.log(2 * np.pi)
    )
    rho = features * np.sqrt(phi)  # (18)
    bound = -np.inf
    for _ in range(MAX_ITERATIONS):
        precision = 1 + fa / fb * gamma.sum(axis=0)[:, None] * phi
        variance = 1 / precision  # (17)
        alpha = fa / fb * variance * (gamma.T @ rho)  # (16)
        evidence = fa * (rho @ alpha.T - 0.5 * (variance + alpha**2) @ phi + constant)  # (23)
        weighted = evidence + np.log(priors + 1e-8)
        total = logsumexp(weighted, axis=1, keepdims=True)
        gamma = np.exp(np.maximum(weighted - total, LEAST_LOG))
        priors = gamma.sum(axis=0) / gamma.sum()
        regularizer = 0.5 * fb * (np.log(variance) - variance - alpha**2 + 1).sum()
        before, bound = bound, float(total.sum() + regularizer)  # (25)
        if bound - before < CONVERGED:
            break
    return SpeakerModel(gamma, priors)
