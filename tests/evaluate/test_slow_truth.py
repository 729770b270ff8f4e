"""The scorers against definitions written out slowly: every frame, every pairing of speakers."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word
from stenograf.evaluate import cpwer, der, wer

NAMES = "abc"

some_turns = st.lists(
    st.builds(
        lambda start, length, speaker: Turn(Span(start, start + length), speaker),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from(NAMES),
    ),
    max_size=6,
)
some_words = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from("xyz")), max_size=8).map(
    lambda lines: [
        Word(Span(index, index + 1), text, speaker=speaker)
        for index, (speaker, text) in enumerate(lines)
    ]
)
some_text = st.lists(st.sampled_from("xyz"), max_size=7)


def frames(turns: list[Turn]) -> list[set[str]]:
    """Who speaks in each second; turns start and end on whole seconds."""
    return [
        {turn.speaker for turn in turns if turn.span.start <= second < turn.span.end}
        for second in range(20)
    ]


def slow_errors(reference: list[Turn], hypothesis: list[Turn], *, score_overlap: bool) -> float:
    """Seconds of error under the best of all pairings: max(n_ref, n_hyp) - n_correct a frame."""
    pairs = list(zip(frames(reference), frames(hypothesis), strict=True))
    pairs = [(truth, found) for truth, found in pairs if score_overlap or len(truth) < 2]
    return min(
        sum(
            max(len(truth), len(found))
            - len(truth & {names[NAMES.index(speaker)] for speaker in found})
            for truth, found in pairs
        )
        for names in permutations(NAMES)
    )


def slow_distance(left: list[str], right: list[str]) -> int:
    """Levenshtein distance by its recursion, row by row."""
    row = list(range(len(right) + 1))
    for i, expected in enumerate(left, start=1):
        above, row = row, [i]
        for j, actual in enumerate(right, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (expected != actual)))
    return row[-1]


def said_by(words: list[Word], speaker: str) -> list[str]:
    return [word.text for word in words if word.speaker == speaker]


@settings(max_examples=60, deadline=None)
@given(some_turns, some_turns, st.booleans())
def test_der_is_that_of_the_best_pairing(
    reference: list[Turn], hypothesis: list[Turn], score_overlap: bool
) -> None:
    """Frame by frame over all pairings gives the same seconds."""
    score = der(reference, hypothesis, uem=[Span(0, 20)], score_overlap=score_overlap)
    slow = slow_errors(reference, hypothesis, score_overlap=score_overlap)
    assert score.error_s == pytest.approx(slow)


@settings(max_examples=60, deadline=None)
@given(some_text, some_text)
def test_wer_is_the_edit_distance(reference: list[str], hypothesis: list[str]) -> None:
    """Substitutions, deletions and insertions together are the Levenshtein distance."""
    score = wer(" ".join(reference), " ".join(hypothesis))
    assert score.errors == slow_distance(reference, hypothesis)
    assert score.n_words == len(reference)


@settings(max_examples=60, deadline=None)
@given(some_words, some_words)
def test_cpwer_is_that_of_the_best_pairing(reference: list[Word], hypothesis: list[Word]) -> None:
    """All pairings of three speakers give the same number of errors."""
    slow = min(
        sum(
            slow_distance(said_by(reference, truth), said_by(hypothesis, found))
            for truth, found in zip(NAMES, names, strict=True)
        )
        for names in permutations(NAMES)
    )
    assert cpwer(reference, hypothesis).errors == slow
