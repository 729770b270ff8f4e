"""Decisions, tasks and questions against the labelled sentences of tests/minutes/data."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.minutes import KINDS, found, labelled


@pytest.mark.parametrize("half", ["tuned", "held"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_found_is_true_and_what_is_true_is_found(language: str, half: str) -> None:
    """Of each kind 9 in 10 that are found are true, and 9 in 10 that are true are found."""
    chosen = [row for row in labelled() if (row.language, row.half) == (language, half)]
    told = found(language, chosen)
    pairs = Counter((row.label, told.get(row.text, ("none",))[0]) for row in chosen)
    for kind in KINDS:
        right = pairs[kind, kind]
        assert right >= 0.9 * sum(n for (_, got), n in pairs.items() if got == kind), kind
        assert right >= 0.9 * sum(n for (label, _), n in pairs.items() if label == kind), kind


@pytest.mark.parametrize("language", ["ru", "en"])
def test_tasks_say_who_and_until_when(language: str) -> None:
    """Of the tasks that are found, 9 in 10 name the right person, and 9 in 10 the right date."""
    chosen = [row for row in labelled() if (row.language, row.label) == (language, "task")]
    told = found(language, chosen)
    tasks = [(row, told[row.text]) for row in chosen if told.get(row.text, ("",))[0] == "task"]
    assert sum(got[1] == row.assignee for row, got in tasks) >= 0.9 * len(tasks)
    assert sum(got[2] == row.due for row, got in tasks) >= 0.9 * len(tasks)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_set_is_what_its_readme_says(language: str) -> None:
    """Each half holds every label, and a third of all sentences are there to mislead."""
    chosen = [row for row in labelled() if row.language == language]
    for half in ("tuned", "held"):
        labels = Counter(row.label for row in chosen if row.half == half)
        assert min(labels[label] for label in (*KINDS, "none")) >= 10
    assert 3 * sum(row.tricky == "tricky" for row in chosen) >= len(chosen)
    assert len({row.text for row in chosen}) == len(chosen) >= 60
