"""WER, cpWER and WDER against values computed by hand."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.errors import EngineUnavailableError, EvaluationError
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.evaluate import (
    AS_WRITTEN,
    CpWordScore,
    TextRules,
    WordDiarizationScore,
    WordScore,
    cpwer,
    wder,
    wer,
)


def said(*lines: tuple[str | None, str]) -> list[Word]:
    """One word per second, line after line."""
    flat = [(speaker, text) for speaker, line in lines for text in line.split()]
    return [
        Word(Span(index, index + 1), text, speaker=speaker)
        for index, (speaker, text) in enumerate(flat)
    ]


some_words = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["yes", "no", "well"])),
    max_size=10,
).map(lambda lines: said(*lines))
some_text = st.lists(st.sampled_from(["yes", "no", "well"]), max_size=8).map(" ".join)


def test_edits_are_counted_by_kind() -> None:
    """One word changed, one left out, one added."""
    score = wer("a b c d", "a x c e f")
    assert (score.substituted, score.deleted, score.inserted) == (2, 0, 1)
    assert score.wer == pytest.approx(3 / 4)
    assert wer("one two three", "one three").deleted == 1


def test_case_punctuation_and_yo_do_not_count_by_default() -> None:
    """Spelling habits are no errors unless words are compared as written."""
    assert wer("Всё хорошо, друг!", "все хорошо друг").wer == 0
    assert wer("Всё хорошо, друг!", "все хорошо друг", text=AS_WRITTEN).wer == 1


def test_rules_say_in_words_what_they_ignore() -> None:
    """The table prints this sentence."""
    assert str(TextRules()) == "lower case, no punctuation, ё as е"
    assert str(AS_WRITTEN) == "as written"


def test_typographic_apostrophes_are_one() -> None:
    """An apostrophe inside a word stays, a quotation mark around it goes."""
    assert TextRules().words("‘don’t’ 'stop'") == ["don't", "stop"]


def test_composed_and_decomposed_letters_are_equal() -> None:
    """Unicode normal form never counts."""
    assert wer("мой", "мои\u0306", text=AS_WRITTEN).wer == 0


def test_empty_reference_has_no_rate() -> None:
    """Every word is inserted, and there is nothing to divide by."""
    score = wer("", "well well")
    assert (score.inserted, score.wer) == (2, None)
    assert (score + wer("a b", "a b")).wer == 1.0
    assert wer("", "").errors == 0


def test_pooled_errors_add_up() -> None:
    """The rate of two recordings is errors over words, not a mean of rates."""
    assert (wer("a", "b") + wer("a b c", "a b c")).wer == pytest.approx(1 / 4)


def test_scores_of_different_rules_do_not_add_up() -> None:
    """Text rules are part of the value."""
    with pytest.raises(EvaluationError, match="text="):
        wer("a", "a") + wer("a", "a", text=AS_WRITTEN)


def test_scores_of_different_metrics_do_not_add_up() -> None:
    """Python refuses before a number comes out."""
    with pytest.raises(TypeError):
        wer("a", "a") + cpwer(said(("a", "b")), [])  # type: ignore[operator]


def test_negative_counts_are_a_bug() -> None:
    """No score can hold fewer than no errors."""
    with pytest.raises(ValueError, match="inserted"):
        WordScore(n_words=1, substituted=0, deleted=0, inserted=-1, text=TextRules())


def test_cpwer_pairs_speakers_at_best() -> None:
    """Names are free; a word given to the other speaker is deleted here and inserted there."""
    truth = said(("anna", "good morning all"), ("boris", "hello"))
    assert cpwer(truth, said(("1", "good morning all"), ("0", "hello"))).cpwer == 0
    moved = cpwer(truth, said(("1", "good morning"), ("0", "all hello")))
    assert (moved.deleted, moved.inserted) == (1, 1)
    assert moved.cpwer == pytest.approx(2 / 4)


def test_cpwer_counts_speakers_without_partner() -> None:
    """One speaker missed, and one invented."""
    truth = said(("a", "one two"), ("b", "three"))
    merged = cpwer(truth, said(("x", "one two three")))
    assert (merged.missed_speakers, merged.extra_speakers, merged.errors) == (1, 0, 2)
    split = cpwer(truth, said(("x", "one"), ("y", "two"), ("z", "three")))
    assert (split.missed_speakers, split.extra_speakers, split.errors) == (0, 1, 2)


def test_cpwer_of_unattributed_words_is_one_text() -> None:
    """Words without a speaker pair as if one speaker had said them."""
    assert cpwer(said(("a", "one two")), said((None, "one two"))).cpwer == 0


def test_cpwer_of_nothing() -> None:
    """Empty sides have no rate; silence against words is all deletions."""
    assert cpwer([], []).cpwer is None
    assert cpwer(said(("a", "one two")), []).deleted == 2
    assert cpwer([], said(("a", "one two"))).inserted == 2


def test_cpwer_refuses_a_speaker_per_line() -> None:
    """Twenty-one speakers are a mistake in the input."""
    crowd = said(*[(str(number), "word") for number in range(21)])
    with pytest.raises(EvaluationError, match="More than 20"):
        cpwer(crowd, crowd)


def test_wder_counts_aligned_words_only() -> None:
    """Of four aligned words one has the wrong speaker; the extra word does not count."""
    truth = said(("a", "one two"), ("b", "three four"))
    found = said(("x", "one two"), ("x", "three"), ("y", "extra four"))
    score = wder(truth, found)
    assert (score.n_words, score.errors) == (4, 1)
    assert score.wder == pytest.approx(1 / 4)


def test_wder_tells_misheard_words_apart() -> None:
    """A word recognized as another still has a speaker that may be wrong."""
    truth = said(("a", "one two three"), ("b", "four"))
    score = wder(truth, said(("x", "one two"), ("y", "tree four")))
    assert (score.correct, score.substituted) == (3, 1)
    assert (score.correct_wrong_speaker, score.substituted_wrong_speaker) == (0, 1)


def test_wder_counts_a_word_without_speaker_as_wrong() -> None:
    """Not knowing is not being right."""
    assert wder(said(("a", "one two")), said((None, "one two"))).wder == 1.0
    assert wder(said((None, "one two")), said((None, "one two"))).wder == 1.0


def test_wder_gives_one_partner_to_each_speaker() -> None:
    """Two found speakers cannot both be Anna."""
    score = wder(said(("anna", "a b c d")), said(("x", "a b c"), ("y", "d")))
    assert score.wder == pytest.approx(1 / 4)


def test_wder_of_nothing() -> None:
    """No aligned word, no rate."""
    assert wder([], said(("a", "one"))).wder is None


def test_joined_words_are_one_word() -> None:
    """Punctuation that a recognizer yields as a word of its own changes nothing."""
    found = [*said(("x", "one two")), Word(Span(2, 2), ".", speaker=None, joined=True)]
    assert wder(said(("a", "one two")), found).n_words == 2
    assert wder(said(("a", "one two")), found).wder == 0


def test_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the answer is how to install it."""
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(EngineUnavailableError) as caught:
        wer("a", "a")
    assert "jiwer" in str(caught.value)
    assert caught.value.advice == 'Run: pip install "stenograf-local[evaluate]"'


@settings(max_examples=40, deadline=None)
@given(some_words)
def test_identical_words_have_no_error(words: list[Word]) -> None:
    """Identity costs nothing under any score."""
    assert cpwer(words, words).errors == 0
    assert wder(words, words).errors == 0


@settings(max_examples=40, deadline=None)
@given(some_words, some_words, st.permutations(["a", "b", "c"]))
def test_renaming_speakers_changes_no_score(
    left: list[Word], right: list[Word], names: list[str]
) -> None:
    """Pairing does not depend on names."""
    renamed = [
        Word(word.span, word.text, speaker=names["abc".index(word.speaker or "a")])
        for word in right
    ]
    assert cpwer(left, renamed).errors == cpwer(left, right).errors
    assert wder(left, renamed).errors == wder(left, right).errors


@settings(max_examples=40, deadline=None)
@given(some_text, some_text, some_text, some_text)
def test_pooling_never_flatters(first: str, second: str, third: str, fourth: str) -> None:
    """Recordings joined into one can only find a cheaper alignment; words stay the same."""
    pooled = wer(first, second) + wer(third, fourth)
    joined = wer(f"{first} {third}", f"{second} {fourth}")
    assert joined.errors <= pooled.errors
    assert joined.n_words == pooled.n_words


@settings(max_examples=40, deadline=None)
@given(some_words, some_words)
def test_word_scores_survive_json(left: list[Word], right: list[Word]) -> None:
    """What was written is read back as the same value."""
    pair = cpwer(left, right)
    assert CpWordScore.from_dict(pair.to_dict()) == pair
    speakers = wder(left, right, text=AS_WRITTEN)
    assert WordDiarizationScore.from_dict(speakers.to_dict()) == speakers


def test_a_score_of_another_metric_is_not_read() -> None:
    """JSON of one score cannot become another."""
    with pytest.raises(EvaluationError, match="score of wer"):
        CpWordScore.from_dict(wer("a", "a").to_dict())
