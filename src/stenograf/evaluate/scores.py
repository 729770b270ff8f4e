"""What a comparison counts: values that add up, from which the rates follow.

A rate is never stored or averaged: scores of several recordings are added, then divided once.
Only scores of one metric under one set of rules can be added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self, TypeVar

from stenograf.core.errors import EvaluationError
from stenograf.evaluate.text import TextRules

ScoreT = TypeVar("ScoreT", bound="Score")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of one metric; `rules` fields say how they were taken, the others add up.

    `n_recordings` counts what went in. Negative counts raise ValueError.
    """

    metric: ClassVar[str]
    rules: ClassVar[tuple[str, ...]] = ()
    rates: ClassVar[tuple[str, ...]] = ()

    n_recordings: int = 1

    def __post_init__(self) -> None:
        for name, value in self._counts().items():
            if value < 0:
                raise ValueError(f"{name} is {value}")

    def _counts(self) -> dict[str, Any]:
        names = (field.name for field in fields(self))
        return {name: getattr(self, name) for name in names if name not in self.rules}

    def __add__(self, other: Self) -> Self:
        """The score of both; EvaluationError when they were taken under different rules."""
        if type(other) is not type(self):
            return NotImplemented
        for rule in self.rules:
            mine, theirs = getattr(self, rule), getattr(other, rule)
            if mine != theirs:
                raise EvaluationError(
                    "Scores with {rule}={first} and {rule}={second} cannot be added.",
                    hint="Score all recordings with the same options.",
                    rule=rule,
                    first=mine,
                    second=theirs,
                )
        added = other._counts()
        return replace(self, **{name: n + added[name] for name, n in self._counts().items()})

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: the metric, its rates, then all fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(values.get("text"), TextRules):
            values["text"] = values["text"].to_dict()
        return {"metric": self.metric} | {rate: getattr(self, rate) for rate in self.rates} | values

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The score that `to_dict` wrote; its rates are computed again."""
        if data.get("metric") != cls.metric:
            raise EvaluationError(
                "This is a score of {found}, not of {expected}.",
                found=data.get("metric"),
                expected=cls.metric,
            )
        values = {field.name: data[field.name] for field in fields(cls)}
        if "text" in cls.rules:
            values["text"] = TextRules(**values["text"])
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiarizationScore(Score):
    """Seconds of speaker time, by what went wrong with them.

    `total_s` counts overlapping speakers once each. `collar_s` was left unscored on each side of
    every reference boundary, as NIST md-eval does. `jaccard_errors` sums the Jaccard error of
    `n_jaccard_speakers` reference speakers; `speaker_count_errors` sums |found - true| over
    recordings.
    """

    metric: ClassVar[str] = "der"
    rules: ClassVar[tuple[str, ...]] = ("collar_s", "score_overlap")
    rates: ClassVar[tuple[str, ...]] = ("der", "jer", "speaker_count_error")

    total_s: float
    missed_s: float
    false_alarm_s: float
    confusion_s: float
    jaccard_errors: float
    n_jaccard_speakers: int
    n_reference_speakers: int
    n_hypothesis_speakers: int
    speaker_count_errors: int
    collar_s: float = 0.0
    score_overlap: bool = True

    @property
    def error_s(self) -> float:
        """Missed, falsely found and confused seconds together."""
        return self.missed_s + self.false_alarm_s + self.confusion_s

    @property
    def der(self) -> float | None:
        """Diarization error rate; None when the reference holds no speech."""
        return _rate(self.error_s, self.total_s)

    @property
    def jer(self) -> float | None:
        """Jaccard error rate, the mean over reference speakers; None without speakers."""
        return _rate(self.jaccard_errors, self.n_jaccard_speakers)

    @property
    def speaker_count_error(self) -> float | None:
        """Mean of |found - true| speakers per recording."""
        return _rate(self.speaker_count_errors, self.n_recordings)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordScore(Score):
    """Words of the reference and the edits that lead to the hypothesis."""

    metric: ClassVar[str] = "wer"
    rules: ClassVar[tuple[str, ...]] = ("text",)
    rates: ClassVar[tuple[str, ...]] = ("wer",)

    n_words: int
    substituted: int
    deleted: int
    inserted: int
    text: TextRules

    @property
    def errors(self) -> int:
        """All edits."""
        return self.substituted + self.deleted + self.inserted

    @property
    def wer(self) -> float | None:
        """Word error rate, which may exceed 1; None when the reference holds no words."""
        return _rate(self.errors, self.n_words)


@dataclass(frozen=True, slots=True, kw_only=True)
class CpWordScore(Score):
    """Edits under the best pairing of speakers, and how many speakers found no partner."""

    metric: ClassVar[str] = "cpwer"
    rules: ClassVar[tuple[str, ...]] = ("text",)
    rates: ClassVar[tuple[str, ...]] = ("cpwer",)

    n_words: int
    substituted: int
    deleted: int
    inserted: int
    missed_speakers: int
    extra_speakers: int
    text: TextRules

    @property
    def errors(self) -> int:
        """All edits."""
        return self.substituted + self.deleted + self.inserted

    @property
    def cpwer(self) -> float | None:
        """Concatenated minimum-permutation word error rate; None without reference words."""
        return _rate(self.errors, self.n_words)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDiarizationScore(Score):
    """Aligned words, and those of them that carry the wrong speaker."""

    metric: ClassVar[str] = "wder"
    rules: ClassVar[tuple[str, ...]] = ("text",)
    rates: ClassVar[tuple[str, ...]] = ("wder",)

    correct: int
    correct_wrong_speaker: int
    substituted: int
    substituted_wrong_speaker: int
    text: TextRules

    @property
    def n_words(self) -> int:
        """Words that both sides have: the same word, or one recognized as another."""
        return self.correct + self.substituted

    @property
    def errors(self) -> int:
        """Aligned words with the wrong speaker."""
        return self.correct_wrong_speaker + self.substituted_wrong_speaker

    @property
    def wder(self) -> float | None:
        """Word diarization error rate; None when no word is aligned."""
        return _rate(self.errors, self.n_words)


def pool(scores: Iterable[ScoreT]) -> ScoreT:
    """All scores added up; EvaluationError when there are none."""
    remaining = iter(scores)
    total = next(remaining, None)
    if total is None:
        raise EvaluationError(
            "There is nothing to score.", hint="The reference names no recording."
        )
    for score in remaining:
        total += score
    return total


def _rate(errors: float, total: float) -> float | None:
    return errors / total if total else None
