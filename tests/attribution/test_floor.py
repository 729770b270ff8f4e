"""One speaker at a time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stenograf.attribution import exclusive, exclusive_turns
from stenograf.core.span import Span, union
from stenograf.core.transcript import Recording, Speaker, Transcript, Turn, Word

INSTANTS = st.integers(0, 40)


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """Turns on whole seconds, so that a slow truth can ask second by second."""
    start, length = draw(INSTANTS), draw(st.integers(0, 12))
    return Turn(Span(float(start), float(start + length)), draw(st.sampled_from("ABC")))


def slow_truth(given_turns: list[Turn], second: int) -> str | None:
    """The speaker of one second, found by looking at every turn."""
    talking = [t for t in given_turns if t.span.start <= second and second + 1 <= t.span.end]
    talking.sort(key=lambda t: (t.span.start, -t.span.end, t.speaker))
    return talking[0].speaker if talking else None


@given(st.lists(turns(), max_size=15))
def test_every_second_belongs_to_the_turn_that_began_first(given_turns: list[Turn]) -> None:
    """The sweep agrees with asking every turn for every second."""
    exclusive = exclusive_turns(given_turns)
    for second in range(55):
        owners = [t.speaker for t in exclusive if t.span.overlap(Span(second, second + 1)) > 0]
        truth = slow_truth(given_turns, second)
        assert owners == ([] if truth is None else [truth])


@given(st.lists(turns(), max_size=15))
def test_exclusive_turns_cover_the_same_time_in_order(given_turns: list[Turn]) -> None:
    """No time is lost or invented, and nothing overlaps."""
    exclusive = exclusive_turns(given_turns)
    spoken = [t.span for t in given_turns if t.span.duration > 0]
    assert union(t.span for t in exclusive) == union(spoken)
    assert all(a.span.end <= b.span.start for a, b in pairwise(exclusive))


@given(st.lists(turns(), max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_turns_does_not_matter(given_turns: list[Turn], random: object) -> None:
    """Reruns agree, however the diarizer lists its turns."""
    shuffled = list(given_turns)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert exclusive_turns(shuffled) == exclusive_turns(given_turns)


def test_a_turn_inside_another_leaves_it_whole() -> None:
    """A short yes does not cut the sentence it agrees with."""
    long = Turn(Span(0.0, 9.0), "A", confidence=0.7)
    assert exclusive_turns([Turn(Span(3.0, 4.0), "B"), long]) == [long]


def test_who_never_has_the_floor_stays_a_speaker_of_the_document() -> None:
    """Ids keep their meaning, and words what is known of them."""
    turns = (Turn(Span(0.0, 9.0), "A"), Turn(Span(3.0, 4.0), "B"))
    words = (Word(Span(3.0, 4.0), "да", speaker="A", speaker_confidence=0.5),)
    talk = Transcript(
        Recording("talk.wav", 9.0), words=words, turns=turns, speakers=(Speaker("A"), Speaker("B"))
    )
    alone = exclusive(talk)
    assert alone.turns == turns[:1]
    assert (alone.words, alone.speakers) == (talk.words, talk.speakers)
