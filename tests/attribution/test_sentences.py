"""Doubtful words follow their sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.attribution import AttributionRules, attribute_words
from stenograf.attribution.sentences import follow_sentences
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word

RULES = AttributionRules(max_run_words=2, max_run_confidence=0.7)


def said(text: str, speakers: str, *, confidence: float | None = 0.6) -> list[Word]:
    """One word per letter of `speakers`, half a second each; a dash is nobody."""
    return [
        Word(
            Span(at / 2, at / 2 + 0.5),
            part,
            speaker=None if speaker == "-" else speaker,
            speaker_confidence=None if speaker == "-" else confidence,
        )
        for at, (part, speaker) in enumerate(zip(text.split(), speakers, strict=True))
    ]


def speakers_of(words: list[Word]) -> str:
    """Their letters again."""
    return "".join(word.speaker or "-" for word in words)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("we go home now. yes", "AAABB", "AAAAB"),  # the change moves to the full stop
        ("we go home now. but not alone", "AAAAABB", "AAAABBB"),
        ("we go home now.", "AABA", "AAAA"),
        ("we go right home right now.", "ABBAAA", "AAAAAA"),
        ("we will not go home right now.", "AAAABBB", "AAAABBB"),  # three words are somebody's
        ("we go home now.", "AABB", "AABB"),  # nobody says most of it
        ("we go home now.", "AA-A", "AA-A"),  # silence is not evidence
        ("yes. we go home.", "BAAA", "BAAA"),  # a sentence of its own
    ],
)
def test_short_doubtful_runs_follow_the_sentence(text: str, before: str, after: str) -> None:
    """Up to two words follow, in sentences that have a speaker."""
    assert speakers_of(follow_sentences(said(text, before), RULES)) == after


def test_certain_words_stay() -> None:
    """Somebody who clearly speaks is heard, even in another's sentence."""
    words = said("we go home now.", "AABA", confidence=0.9)
    assert follow_sentences(words, RULES) == words
    unmeasured = said("we go home now.", "AABA", confidence=None)
    assert follow_sentences(unmeasured, RULES) == unmeasured


def test_a_word_that_follows_is_as_sure_as_its_old_speaker_was_not() -> None:
    """Doubt about one speaker is what speaks for the other."""
    followed = follow_sentences(said("we go home now.", "AABA", confidence=0.6), RULES)
    assert [word.speaker_confidence for word in followed] == pytest.approx([0.6, 0.6, 0.4, 0.6])


def test_no_words_switch_the_rule_off() -> None:
    """max_run_words=0 leaves every word where it was."""
    words = said("we go home now.", "AABA")
    assert follow_sentences(words, AttributionRules(max_run_words=0)) == words


def test_the_last_word_of_a_sentence_is_not_lost_to_who_answers() -> None:
    """A word that reaches into the answer stays with its sentence."""
    turns = [Turn(Span(0.0, 1.15), "A"), Turn(Span(1.15, 4.0), "B")]
    words = [
        Word(Span(0.0, 0.5), "пойдём"),
        Word(Span(0.5, 1.0), "скоро"),
        Word(Span(1.0, 1.4), "домой."),
        Word(Span(1.5, 1.8), "Да."),
    ]
    alone = attribute_words(words, turns, rules=AttributionRules(max_run_words=0))
    assert speakers_of(alone) == "AABB"
    assert speakers_of(attribute_words(words, turns)) == "AAAB"


@given(
    st.lists(
        st.builds(
            lambda text, speaker, confidence: Word(
                Span(0, 1), text, speaker=speaker, speaker_confidence=confidence
            ),
            st.sampled_from(["a", "b."]),
            st.sampled_from(["A", "B", None]),
            st.none() | st.floats(0, 1),
        )
    )
)
def test_only_speakers_change(words: list[Word]) -> None:
    """Text, times and the number of words stay, and nobody gains a speaker from nothing."""
    followed = follow_sentences(words, RULES)
    assert [(word.text, word.span) for word in followed] == [(w.text, w.span) for w in words]
    assert [word.speaker is None for word in followed] == [w.speaker is None for w in words]
