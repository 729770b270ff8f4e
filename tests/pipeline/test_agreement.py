"""Which words of changing answers are the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.pipeline.agreement import n_agreed, n_known


def words(text: str, *, start_s: float = 0.0) -> list[Word]:
    """One word each half second."""
    return [
        Word(Span(start_s + i / 2, start_s + i / 2 + 0.4), part)
        for i, part in enumerate(text.split())
    ]


def test_case_and_commas_are_no_disagreement() -> None:
    """An answer that only punctuates otherwise says the same."""
    assert n_agreed([words("Well, it goes"), words("well it is")]) == 2
    assert n_agreed([words("a b c"), words("a b c"), words("a x c")]) == 1


texts = st.lists(st.sampled_from("abc"), max_size=8)


@given(texts, st.integers(0, 8), st.floats(-0.3, 0.3), st.floats(0.0, 20.0))
def test_an_answer_goes_on_where_the_final_words_end(
    said: list[str], n_final: int, moved_s: float, start_s: float
) -> None:
    """All words moved by up to 0.3 s, and repeated ones, are still told apart."""
    whole = words(" ".join(said), start_s=start_s + 1)
    final = whole[:n_final]
    answer = words(" ".join(said), start_s=start_s + 1 + moved_s)
    assert n_known(answer, final) == len(final)


def test_forgotten_words_are_not_missed() -> None:
    """The answer begins after the final words, because their sound is gone."""
    final = words("so it goes")
    assert n_known(words("on and on", start_s=1.5), final) == 0


def test_a_word_said_again_is_not_the_one_that_was_forgotten() -> None:
    """What was cut off cannot be heard, so the same word after it is another one."""
    final = words("no no no")
    assert n_known(words("no no", start_s=1.5), final, since_s=1.4) == 0
    assert n_known(words("no no no", start_s=1.0), final, since_s=0.9) == 1


def test_without_a_match_time_decides() -> None:
    """The recognizer changed its mind about final words: they stay as they are."""
    assert n_known(words("saw its ghosts on"), words("so it goes")) == 3
    assert n_known([], words("so it goes")) == 0
    assert n_known(words("so it"), []) == 0
