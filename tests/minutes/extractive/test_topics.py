"""Where a meeting turns to something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stenograf.core.span import Span
from stenograf.minutes import Source, extract
from stenograf.minutes.extractive.topics import boundaries
from stenograf.minutes.reading import Sentence
from stenograf.testing.talks import about, bare, begins, talk

ENGLISH = ("warehouse", "advertising", "hiring")
RUSSIAN = ("склад", "реклама", "наём")


@pytest.mark.parametrize("subjects", [ENGLISH, RUSSIAN], ids=["en", "ru"])
@pytest.mark.parametrize("punctuated", [True, False])
def test_three_subjects_are_three_topics(subjects: tuple[str, ...], *, punctuated: bool) -> None:
    """Each begins within four lines, about twenty seconds, of where it truly does."""
    parts = [about(subject, 60, seed=i) for i, subject in enumerate(subjects)]
    parts = parts if punctuated else [bare(part) for part in parts]
    transcript = talk([line for part in parts for line in part])
    topics = extract(transcript).topics
    assert len(topics) == 3
    for topic, begin in zip(topics[1:], begins(parts), strict=True):
        assert abs(topic.span.start - begin) <= 20.0


@pytest.mark.parametrize("subject", [*ENGLISH, *RUSSIAN])
def test_one_subject_is_one_topic(subject: str) -> None:
    """However long people talk about it: a quarter of an hour here."""
    assert len(extract(talk(about(subject, 240))).topics) == 1


def test_a_short_recording_is_one_topic() -> None:
    """Nobody turns a page every two minutes."""
    parts = [about(subject, 20) for subject in ENGLISH]
    assert len(extract(talk([line for part in parts for line in part])).topics) == 1


def test_a_day_of_talk_has_few_topics() -> None:
    """Not more than anybody reads, though the subject changes every few minutes."""
    sentences, terms = [], []
    for i in range(45 * 30):
        source = Source(Span(10.0 * i, 10.0 * i + 9.0), None, "x")
        sentences.append(Sentence(source, i))
        terms.append([f"{i // 30} {i % 7}", f"{i // 30} {i % 5}"])
    assert 10 <= len(boundaries(sentences, terms)) < 30


def test_titles_tell_topics_apart() -> None:
    """By words of the subject, written as people said them, without names and fillers."""
    parts = [
        [f"{line} Короче, ну, Борису надо." for line in about(subject, 60, who=("Анна", "Борис"))]
        for subject in RUSSIAN
    ]
    topics = extract(talk([line for part in parts for line in part], language="ru")).topics
    for subject, topic in zip(RUSSIAN, topics, strict=True):
        words = about(subject, 60)
        assert topic.title[0].isupper()
        for word in topic.title.lower().replace(",", "").split():
            assert any(word in line.lower() for line in words)
            assert word not in {"короче", "ну", "борису", "надо", "анна"}


def test_times_that_say_nothing_cut_nothing() -> None:
    """Words without a length lie all in one moment, which is one topic."""
    transcript = talk([line for subject in ENGLISH for line in about(subject, 60)])
    words = tuple(replace(word, span=Span(1.0, 1.0)) for word in transcript.words)
    assert len(extract(replace(transcript, words=words)).topics) == 1
