"""DER and JER against values computed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.errors import EvaluationError, OptionError
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.evaluate import DiarizationScore, der


def turns(*rows: tuple[float, float, str]) -> list[Turn]:
    return [Turn(Span(start, end), speaker) for start, end, speaker in rows]


TRUTH = turns((0, 10, "anna"), (10, 20, "boris"))

seconds = st.integers(0, 30)
some_turns = st.lists(
    st.builds(
        lambda start, length, speaker: Turn(Span(start, start + length), speaker),
        seconds,
        st.integers(1, 9),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=8,
)


def test_each_kind_of_error_is_counted_in_seconds() -> None:
    """Two seconds missed, three confused, four false, of twenty."""
    found = turns((0, 8, "x"), (10, 13, "x"), (13, 20, "y"), (20, 24, "y"))
    score = der(TRUTH, found)
    assert score.missed_s == pytest.approx(2)
    assert score.confusion_s == pytest.approx(3)
    assert score.false_alarm_s == pytest.approx(4)
    assert score.total_s == pytest.approx(20)
    assert score.der == pytest.approx(9 / 20)


def test_jaccard_error_is_the_mean_over_reference_speakers() -> None:
    """Anna shares 8 of 13 seconds with x, Boris 7 of 14 with y."""
    found = turns((0, 8, "x"), (10, 13, "x"), (13, 20, "y"), (20, 24, "y"))
    assert der(TRUTH, found).jer == pytest.approx(((1 - 8 / 13) + (1 - 7 / 14)) / 2)


def test_names_of_speakers_do_not_matter() -> None:
    """Swapped names are no error."""
    assert der(TRUTH, turns((0, 10, "boris"), (10, 20, "anna"))).der == 0


def test_collar_is_left_out_on_each_side_of_a_boundary() -> None:
    """A change found 0.4 s late costs nothing with a collar of 0.5 s, 0.2 s with one of 0.2 s."""
    found = turns((0, 10.4, "x"), (10.4, 20, "y"))
    assert der(TRUTH, found).confusion_s == pytest.approx(0.4)
    assert der(TRUTH, found, collar_s=0.5).der == 0
    narrow = der(TRUTH, found, collar_s=0.2)
    assert narrow.confusion_s == pytest.approx(0.2)
    assert narrow.total_s == pytest.approx(20 - 0.2 - 0.4 - 0.2)


def test_overlap_is_scored_unless_it_is_skipped() -> None:
    """One of two simultaneous speakers is missed for two seconds."""
    truth = turns((0, 10, "a"), (8, 20, "b"))
    found = turns((0, 10, "x"), (10, 20, "y"))
    strict = der(truth, found)
    assert [strict.missed_s, strict.total_s] == pytest.approx([2, 22])
    lenient = der(truth, found, score_overlap=False)
    assert [lenient.error_s, lenient.total_s] == pytest.approx([0, 18])


def test_only_time_inside_the_uem_counts() -> None:
    """Errors and speakers outside the region are not seen."""
    found = turns((0, 5, "x"), (7, 9, "z"))
    score = der(TRUTH, found, uem=[Span(0, 5)])
    assert (score.der, score.total_s) == (0, 5)
    assert (score.n_reference_speakers, score.n_hypothesis_speakers) == (1, 1)


def test_one_speaker_overlapping_himself_counts_once() -> None:
    """Turns of one speaker that overlap are one turn, not overlapping speech."""
    truth = turns((0, 6, "a"), (5, 10, "a"))
    score = der(truth, turns((0, 10, "x")), score_overlap=False)
    assert (score.total_s, score.der) == (10, 0)


def test_speaker_count_error_is_absolute() -> None:
    """One speaker too many here and one too few there make two errors over two recordings."""
    more = der(TRUTH, turns((0, 5, "x"), (5, 10, "y"), (10, 20, "z")))
    fewer = der(TRUTH, turns((0, 20, "x")))
    both = more + fewer
    assert both.speaker_count_errors == 2
    assert both.speaker_count_error == 1.0
    assert both.n_hypothesis_speakers == 4


def test_empty_reference_has_no_rate_but_counts_false_alarms() -> None:
    """Nothing can be divided by, and the seconds are still there to be pooled."""
    score = der([], turns((0, 3, "x")))
    assert (score.der, score.jer) == (None, None)
    assert score.false_alarm_s == 3
    assert (score + der(TRUTH, TRUTH)).der == pytest.approx(3 / 20)


def test_two_empty_sides_agree() -> None:
    """No speech on either side is no error."""
    score = der([], [])
    assert (score.error_s, score.total_s, score.speaker_count_errors) == (0, 0, 0)


def test_scores_under_different_rules_do_not_add_up() -> None:
    """A strict score and one with a collar are different quantities."""
    with pytest.raises(EvaluationError, match="collar_s=0"):
        der(TRUTH, TRUTH) + der(TRUTH, TRUTH, collar_s=0.25)


@pytest.mark.parametrize("collar_s", [-0.1, float("nan")])
def test_a_collar_below_zero_is_refused(collar_s: float) -> None:
    """A negative collar would count boundaries twice."""
    with pytest.raises(OptionError):
        der(TRUTH, TRUTH, collar_s=collar_s)


def test_pooled_equals_one_long_recording() -> None:
    """Recordings laid end to end, with speakers of their own, have the pooled score."""
    first = (TRUTH, turns((0, 8, "x"), (10, 20, "y"), (20, 21, "y")))
    second = (turns((0, 5, "c"), (3, 9, "d")), turns((0, 9, "z")))

    def later(side: list[Turn]) -> list[Turn]:
        return [Turn(turn.span.shift(100), turn.speaker) for turn in side]

    pooled = der(*first) + der(*second)
    long = der(
        first[0] + later(second[0]),
        first[1] + later(second[1]),
        uem=[Span(0, 21), Span(100, 109)],
    )
    assert pooled.der == pytest.approx(long.der)
    assert pooled.jer == pytest.approx(long.jer)
    assert pooled.n_recordings == 2


@settings(max_examples=40, deadline=None)
@given(some_turns)
def test_a_result_equal_to_its_reference_has_no_error(truth: list[Turn]) -> None:
    """Identity costs nothing, whatever overlaps."""
    score = der(truth, truth)
    assert score.error_s == pytest.approx(0)
    assert score.jaccard_errors == pytest.approx(0)


@settings(max_examples=40, deadline=None)
@given(some_turns, some_turns)
def test_missed_and_false_change_places_with_the_sides(left: list[Turn], right: list[Turn]) -> None:
    """Without a collar the score is symmetric but for the names of its errors."""
    there, back = der(left, right), der(right, left)
    assert there.missed_s == pytest.approx(back.false_alarm_s)
    assert there.confusion_s == pytest.approx(back.confusion_s)


@settings(max_examples=40, deadline=None)
@given(some_turns, some_turns, st.permutations(["a", "b", "c"]))
def test_renaming_speakers_changes_nothing(
    left: list[Turn], right: list[Turn], names: list[str]
) -> None:
    """The best pairing does not depend on what speakers are called."""
    renamed = [Turn(turn.span, names["abc".index(turn.speaker)]) for turn in right]
    assert der(left, renamed).error_s == pytest.approx(der(left, right).error_s)


@settings(max_examples=40, deadline=None)
@given(some_turns, some_turns)
def test_a_score_survives_json(left: list[Turn], right: list[Turn]) -> None:
    """What was written is read back as the same value."""
    score = der(left, right, collar_s=0.25, score_overlap=False)
    assert DiarizationScore.from_dict(score.to_dict()) == score
