"""Which rules decide who said a word, with the constants benchmarks/attribution.py chose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionRules:
    """The defaults are what measured best; docs/attribution.md gives the number behind each.

    A word that no turn touches takes the nearest turn within `max_gap_s` seconds. Up to
    `max_run_words` words, on average less than `max_run_confidence` sure, follow the sentence they
    stand in; 0 words switch that off. `shorten` judges stretched words by the part that
    `plausible_span` believes.
    """

    max_gap_s: float = 1.0
    max_run_words: int = 1
    max_run_confidence: float = 0.95
    shorten: bool = False


RULES = AttributionRules()
