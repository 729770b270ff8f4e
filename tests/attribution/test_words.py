"""Words to speakers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.steps import steps

from stenograf.attribution import AttributionRules, attribute_words, exclusive_turns
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word

SHORT = "слово"


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Spans on tenths of a second; short enough that no word is stretched."""
    start = draw(st.integers(0, 200))
    return Span(start / 8, (start + draw(st.integers(0, 5))) / 8)


WORDS = st.lists(spans().map(lambda span: Word(span, SHORT)), max_size=20)
TURNS = st.lists(st.builds(Turn, spans(), st.sampled_from("ABC")), max_size=12)


def slow_truth(word: Word, turns: list[Turn], max_gap_s: float) -> str | None:
    """The speaker of a word, found by looking at every exclusive turn."""
    exclusive = exclusive_turns(turns)
    heard: dict[str, float] = {}
    for turn in exclusive:
        if overlap := turn.span.overlap(word.span):
            heard[turn.speaker] = heard.get(turn.speaker, 0.0) + overlap
    if heard:
        return max(heard, key=heard.__getitem__)
    nearest = min(exclusive, key=lambda turn: turn.span.gap(word.span), default=None)
    near = nearest is not None and nearest.span.gap(word.span) <= max_gap_s
    return nearest.speaker if nearest and near else None


@given(WORDS, TURNS)
def test_every_word_agrees_with_the_slow_truth(words: list[Word], turns: list[Turn]) -> None:
    """Bisection finds what a look at every turn finds."""
    attributed = attribute_words(
        words, turns, rules=AttributionRules(max_gap_s=0.5, max_run_words=0)
    )
    assert [word.speaker for word in attributed] == [slow_truth(w, turns, 0.5) for w in words]


@given(WORDS, TURNS)
def test_confidence_is_a_share_and_only_of_known_speakers(
    words: list[Word], turns: list[Turn]
) -> None:
    """Confidence lies in [0, 1] and is None exactly where the speaker is."""
    for word in attribute_words(words, turns):
        assert (word.speaker is None) == (word.speaker_confidence is None)
        assert 0.0 <= (word.speaker_confidence or 0.0) <= 1.0


def test_word_in_silence_has_no_speaker() -> None:
    """A word that no turn touches stays unattributed."""
    [word] = attribute_words([Word(Span(8.0, 8.5), "да")], [Turn(Span(0.0, 5.0), "A")])
    assert (word.speaker, word.speaker_confidence) == (None, None)


def test_word_beside_a_turn_takes_it_with_little_confidence() -> None:
    """Nearness is weak evidence."""
    [word] = attribute_words([Word(Span(5.5, 5.9), "да")], [Turn(Span(0.0, 5.0), "A")])
    assert word.speaker == "A"
    assert word.speaker_confidence == pytest.approx(0.25)


def test_a_tie_goes_to_the_earlier_turn() -> None:
    """Half a word each: who spoke first has it."""
    turns = [Turn(Span(1.0, 2.0), "A"), Turn(Span(0.0, 1.0), "B")]
    [word] = attribute_words([Word(Span(0.75, 1.25), SHORT)], turns)
    assert word.speaker == "B"
    assert word.speaker_confidence == pytest.approx(0.5)


def test_overlap_halves_the_confidence() -> None:
    """Two people at once leave it open whose word it was."""
    turns = [Turn(Span(0.0, 2.0), "A"), Turn(Span(0.5, 2.0), "B")]
    first, second = attribute_words([Word(Span(0.1, 0.4), "а"), Word(Span(1.0, 1.4), "б")], turns)
    assert first.speaker_confidence == pytest.approx(1.0)
    assert second.speaker == "A"
    assert second.speaker_confidence == pytest.approx(0.5)


def test_a_stretched_word_does_not_steal_the_next_turn() -> None:
    """A word drawn over a pause belongs to who began it; its written time stays."""
    turns = [Turn(Span(0.0, 1.0), "A"), Turn(Span(1.5, 6.0), "B")]
    words = [Word(Span(0.0, 0.5), "ну"), Word(Span(0.5, 5.0), "да")]
    attributed = attribute_words(words, turns, rules=AttributionRules(shorten=True))
    assert [word.speaker for word in attributed] == ["A", "A"]
    assert attributed[1].span == words[1].span


def test_a_stretched_first_word_belongs_to_who_ends_it() -> None:
    """A sentence that seems to begin in the pause before it begins late."""
    turns = [Turn(Span(0.0, 1.0), "A"), Turn(Span(4.6, 6.0), "B")]
    words = [Word(Span(0.5, 0.9), "Да."), Word(Span(0.9, 5.0), "Но")]
    [_, word] = attribute_words(words, turns, rules=AttributionRules(shorten=True))
    assert word.speaker == "B"


def test_the_work_grows_with_the_length_not_its_square() -> None:
    """Twice as many words and turns take little more than twice the steps."""

    def work(n_words: int) -> int:
        words = [Word(Span(i * 0.4, i * 0.4 + 0.3), SHORT) for i in range(n_words)]
        turns = [Turn(Span(i * 0.8, i * 0.8 + 1.0), "AB"[i % 2]) for i in range(n_words // 2)]
        return steps(lambda: attribute_words(words, turns))

    assert work(400) < 2.2 * work(200)
