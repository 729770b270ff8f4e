"""Utterances and the numbering of speakers."""

from hypothesis import given
from hypothesis import strategies as st

from stenograf.attribution import number_speakers, speakers_heard, utterances
from stenograf.core.span import Span
from stenograf.core.transcript import Speaker, Turn, Word


def said(
    text: str, *, speaker: str | None = "A", start: float = 0.0, pace: float = 0.5
) -> list[Word]:
    """A sentence spoken evenly."""
    return [
        Word(Span(start + i * pace, start + (i + 1) * pace), part, speaker=speaker)
        for i, part in enumerate(text.split())
    ]


def test_a_new_speaker_begins_a_new_utterance() -> None:
    """Words of nobody stand alone too."""
    words = said("a b", speaker="A") + said("c", speaker=None, start=1) + said("d", start=1.5)
    assert [(u.speaker, u.text) for u in utterances(words)] == [
        ("A", "a b"),
        (None, "c"),
        ("A", "d"),
    ]


def test_a_long_pause_begins_a_new_utterance() -> None:
    """A pause up to the limit does not."""
    words = said("a") + said("b", start=2.0) + said("c", start=4.1)
    assert [u.text for u in utterances(words, max_gap_s=1.5)] == ["a b", "c"]


def test_a_long_run_breaks_at_the_end_of_a_sentence() -> None:
    """Not before the sentence is over, and a quote belongs to its sentence."""
    words = said("one two. three four «five.» six")
    assert [u.text for u in utterances(words, max_duration_s=1.2)] == [
        "one two. three four «five.»",
        "six",
    ]


def test_a_run_without_punctuation_breaks_all_the_same() -> None:
    """A recognizer without full stops does not give one utterance per hour."""
    found = utterances(said("w " * 100), max_duration_s=5.0)
    assert max(u.span.duration for u in found) <= 10.5


@given(
    st.lists(
        st.builds(
            lambda start, length, speaker, text: Word(
                Span(start, start + length), text, speaker=speaker
            ),
            st.floats(0, 100),
            st.floats(0, 5),
            st.sampled_from(["A", "B", None]),
            st.sampled_from(["a", "b.", "c"]),
        )
    )
)
def test_every_word_is_in_exactly_one_utterance(words: list[Word]) -> None:
    """Grouping loses nothing, repeats nothing and mixes no speakers."""
    found = utterances(words, max_duration_s=3.0)
    assert [word for u in found for word in u.words] == words
    assert all({word.speaker for word in u.words} == {u.speaker} for u in found)


def test_speakers_are_numbered_by_first_speech() -> None:
    """The first voice is SPEAKER_00, whatever the diarizer called it."""
    turns, speakers = number_speakers(
        [Turn(Span(5, 6), "x"), Turn(Span(1, 2), "z"), Turn(Span(7, 8), "z")]
    )
    assert [turn.speaker for turn in turns] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    assert speakers == (Speaker("SPEAKER_00"), Speaker("SPEAKER_01"))


def test_speakers_of_words_are_heard_too() -> None:
    """A word's speaker counts even without a turn; nobody is not a speaker."""
    words = [Word(Span(0, 1), "a", speaker="L"), Word(Span(1, 2), "b")]
    assert speakers_heard(words, [Turn(Span(0.5, 3), "R")]) == (Speaker("L"), Speaker("R"))
