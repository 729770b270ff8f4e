"""The sentences that matter most: LexRank, and none that says what another one said.

Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization", JAIR
22, 2004 (the continuous form, damped by 0.85 as in section 3.3); Carbonell and Goldstein, "The Use
of MMR, Diversity-Based Reranking", SIGIR 1998.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

MOST_SENTENCES: Final = 300
"""Compared with each other, the ones that tell most: 300 x 300 numbers at a time."""

DAMPING: Final = 0.85
STEPS: Final = 50
RELEVANCE: Final = 0.7
"""How much of MMR is relevance; the rest is difference from what was chosen."""

TWICE: Final = 0.6
"""Sentences this alike say the same."""

Matrix = npt.NDArray[np.float64]


def weights(terms: Sequence[Sequence[str]]) -> dict[str, float]:
    """How much each term tells: log of all sentences over those that hold it."""
    held = Counter(term for said in terms for term in set(said))
    return {term: math.log(1 + len(terms) / n) for term, n in held.items()}


def most_telling(
    terms: Sequence[Sequence[str]], weight: Mapping[str, float], *, at_most: int
) -> list[int]:
    """The places of up to `at_most` sentences that stand for all, in their order."""
    places = _heaviest(terms, weight)
    vectors = _vectors([terms[place] for place in places], weight)
    likeness = vectors @ vectors.T  # (n_sentences, n_sentences)
    chosen = _different(_central(likeness), likeness, at_most)
    return sorted(places[i] for i in chosen)


def _heaviest(terms: Sequence[Sequence[str]], weight: Mapping[str, float]) -> list[int]:
    """Places of the sentences whose words tell most, in order."""
    heavy = [sum(weight[term] for term in set(said)) for said in terms]
    ranked = sorted(range(len(terms)), key=lambda place: (-heavy[place], place))
    return sorted(ranked[:MOST_SENTENCES])


def _vectors(terms: Sequence[Sequence[str]], weight: Mapping[str, float]) -> Matrix:
    """tf-idf of each sentence, of length 1: (n_sentences, n_terms)."""
    columns = {term: i for i, term in enumerate(sorted({t for said in terms for t in said}))}
    vectors = np.zeros((len(terms), len(columns)))
    for row, said in enumerate(terms):
        for term, n in Counter(said).items():
            vectors[row, columns[term]] = n * weight[term]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    normal: Matrix = vectors / np.where(lengths > 0, lengths, 1.0)
    return normal


def _central(likeness: Matrix) -> npt.NDArray[np.float64]:
    """How central each sentence is, the most central one 1: (n_sentences,)."""
    n_sentences = len(likeness)
    if n_sentences == 0:
        return np.zeros(0)
    sums = likeness.sum(axis=1, keepdims=True)
    moves = np.where(sums > 0, likeness / np.where(sums > 0, sums, 1.0), 1.0 / n_sentences)
    rank = np.full(n_sentences, 1.0 / n_sentences)
    for _ in range(STEPS):
        rank = (1 - DAMPING) / n_sentences + DAMPING * (moves.T @ rank)
    central: npt.NDArray[np.float64] = rank / rank.max()
    return central


def _different(central: npt.NDArray[np.float64], likeness: Matrix, at_most: int) -> list[int]:
    """Greedily the most central ones that are unlike those already chosen."""
    chosen: list[int] = []
    nearest = np.zeros(len(central))  # likeness to the nearest chosen one
    while len(chosen) < at_most:
        free = nearest < TWICE
        free[chosen] = False
        if not free.any():
            break
        worth = RELEVANCE * central - (1 - RELEVANCE) * nearest
        best = int(np.argmax(np.where(free, worth, -np.inf)))
        chosen.append(best)
        nearest = np.maximum(nearest, likeness[best])
    return chosen
