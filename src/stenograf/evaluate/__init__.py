"""How good a result is: error rates against a reference."""

from stenograf.evaluate.attribution import wder
from stenograf.evaluate.diarization import der
from stenograf.evaluate.scores import (
    CpWordScore,
    DiarizationScore,
    Score,
    WordDiarizationScore,
    WordScore,
)
from stenograf.evaluate.text import AS_WRITTEN, TextRules
from stenograf.evaluate.words import cpwer, wer

__all__ = [
    "AS_WRITTEN",
    "CpWordScore",
    "DiarizationScore",
    "Score",
    "TextRules",
    "WordDiarizationScore",
    "WordScore",
    "cpwer",
    "der",
    "wder",
    "wer",
]
