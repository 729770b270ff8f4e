"""What was said, compared word by word, with and without speakers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from stenograf.core.errors import EvaluationError
from stenograf.core.transcript import Word, join_words
from stenograf.evaluate.packages import scorer
from stenograf.evaluate.scores import CpWordScore, WordScore
from stenograf.evaluate.text import TextRules

MAX_SPEAKERS = 20
"""The scorer refuses more: by its experience that many mean a mistake in the input."""


class Aligned(NamedTuple):
    """Indices of one reference word and the hypothesis word opposite to it."""

    reference: int
    hypothesis: int
    same: bool


def wer(reference: str, hypothesis: str, *, text: TextRules | None = None) -> WordScore:
    """Word error rate of one recording, by Levenshtein distance, computed by jiwer."""
    rules = text or TextRules()
    edits = edit(rules.words(reference), rules.words(hypothesis))
    return WordScore(
        n_words=edits.hits + edits.substitutions + edits.deletions,
        substituted=edits.substitutions,
        deleted=edits.deletions,
        inserted=edits.insertions,
        text=rules,
    )


def cpwer(
    reference: Sequence[Word], hypothesis: Sequence[Word], *, text: TextRules | None = None
) -> CpWordScore:
    """Concatenated minimum-permutation word error rate, computed by meeteval.

    All words of a speaker, in order of start, are one text; speakers are paired so that the
    errors are fewest; an unpaired speaker's words are all deleted or inserted (Watanabe et al.,
    CHiME-6, 2020). Words without a speaker are a text of their own.
    """
    rules = text or TextRules()
    truth, found = _texts(reference, rules), _texts(hypothesis, rules)
    if max(len(truth), len(found)) > MAX_SPEAKERS:
        raise EvaluationError(
            "More than {limit} speakers cannot be paired.",
            hint="Check the speaker names: is every line given a new one?",
            limit=MAX_SPEAKERS,
        )
    with scorer("meeteval"):
        from meeteval.wer.wer.cp import cp_word_error_rate

        score = cp_word_error_rate(truth, found, reference_sort=False, hypothesis_sort=False)
    return CpWordScore(
        n_words=score.length,
        substituted=score.substitutions,
        deleted=score.deletions,
        inserted=score.insertions,
        missed_speakers=score.missed_speaker,
        extra_speakers=score.falarm_speaker,
        text=rules,
    )


def edit(reference: Sequence[str], hypothesis: Sequence[str]) -> Any:
    """The cheapest edits from reference to hypothesis, as jiwer's WordOutput."""
    with scorer("jiwer"):
        import jiwer

        return jiwer.process_words(" ".join(reference), " ".join(hypothesis))


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> list[Aligned]:
    """Pairs of words that are the same or substituted; deleted and inserted words have none."""
    pairs: list[Aligned] = []
    for chunk in edit(reference, hypothesis).alignments[0]:
        if chunk.type in {"equal", "substitute"}:
            left = range(chunk.ref_start_idx, chunk.ref_end_idx)
            right = range(chunk.hyp_start_idx, chunk.hyp_end_idx)
            same = chunk.type == "equal"
            pairs += [Aligned(i, j, same) for i, j in zip(left, right, strict=True)]
    return pairs


def in_order(words: Sequence[Word]) -> list[Word]:
    """Words by start; words that start together keep the order in which they came."""
    return sorted(words, key=lambda word: word.span.start)


def _texts(words: Sequence[Word], rules: TextRules) -> dict[str, str]:
    by_speaker: dict[str, list[Word]] = {}
    for word in in_order(words):
        by_speaker.setdefault(_key(word.speaker), []).append(word)
    texts = {key: " ".join(rules.words(join_words(said))) for key, said in by_speaker.items()}
    return {key: text for key, text in texts.items() if text}


def _key(speaker: str | None) -> str:
    return "" if speaker is None else f"speaker {speaker}"
