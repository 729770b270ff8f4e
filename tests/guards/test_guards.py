"""The questions that guards ask, one property after the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.guards import GUARDS, Passage, doubtful_parts, needs_voice, objections
from stenograf.guards.repetition import compression, loops
from stenograf.guards.script import foreign_letters, scripts_of
from stenograf.guards.timing import characters_per_second, longest_hole
from stenograf.testing.documents import spoken
from stenograf.testing.fakes import SAYING

SOME = ("да", "нет", "мы", "они", "там", "5", "one", "中", "--", "Ёж")
WORDS = st.lists(st.sampled_from(SOME), max_size=40)
SENTENCE = "We are going to talk about the history of the world today."


def passage(
    text: str,
    *languages: str,
    pace: float = 0.3,
    voice: tuple[Span, ...] | None = None,
    probability: float | None = 0.9,
    no_speech: float | None = None,
) -> Passage:
    """A text that fills its block of speech."""
    words = [
        replace(word, probability=probability, no_speech=no_speech)
        for word in spoken(text, speaker=None, pace=pace)
    ]
    seconds = max(0.5, pace * len(words))
    return Passage((Span(0.0, seconds),), tuple(words), languages, voice)


@given(WORDS)
def test_repeating_a_text_never_looks_less_repetitive(words: list[str]) -> None:
    """More of the same is more of a loop."""
    text = " ".join(words)
    grown = [loops(passage(" ".join([text] * n))) for n in (1, 2, 4, 8)]
    assert all(before <= after for before, after in pairwise(grown))


@pytest.mark.parametrize(("part", "n_times"), [("да", 10), ("thank you", 8), (SENTENCE, 4)])
def test_loops_are_caught_whatever_their_length(part: str, n_times: int) -> None:
    """A word, a phrase, a whole sentence that comes back."""
    looped = passage(" ".join([part] * n_times))
    assert "repetition" in objections(looped)


def test_a_stretched_letter_is_a_loop_and_a_stretched_vowel_is_not() -> None:
    """«Нууу» is speech, sixty letters are not; zeros of an account number are no letters."""
    assert objections(passage("Нуууу хорошооо")) == ()
    assert "repetition" in objections(passage("а" * 60, pace=3.0))
    assert loops(passage("счёт 40702810000000000000")) == 0.0


@given(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=200))
def test_compression_does_not_depend_on_the_script(text: str) -> None:
    """The same text in other letters gives the same number."""
    cyrillic = "".join(chr(ord("а") + ord(c) - ord("a")) for c in text)
    assert compression(passage(text)) == compression(passage(cyrillic))


def test_hurried_speech_passes_and_crowded_words_do_not() -> None:
    """Twenty letters per second are fast; sixty are a recognizer that runs away."""
    assert objections(passage(SAYING, pace=0.22)) == ()
    crowded = passage(SAYING, pace=0.06)
    assert characters_per_second(crowded) > 40
    assert objections(crowded) == ("rate",)


def test_a_hole_counts_only_the_voice_in_it() -> None:
    """Music between words is no missing speech."""
    words = (*spoken("before it", speaker=None), *spoken("after", speaker=None, start=20.0))
    block = Passage((Span(0.0, 21.0),), words)
    assert longest_hole(block) == pytest.approx(20.0 - 0.58 - 2 * 0.5)
    heard = replace(block, voice=(Span(0.0, 1.0), Span(10.0, 12.0)))
    assert longest_hole(heard) == pytest.approx(2.0)
    assert objections(block) == ("coverage",)
    assert objections(heard) == ()


def test_a_word_stretched_over_a_pause_hides_no_hole() -> None:
    """Of a word that lasts twenty seconds less than two can be spoken."""
    block = Passage((Span(0.0, 20.0),), (Word(Span(0.0, 20.0), "ну"),))
    assert longest_hole(block) > 17.0


@pytest.mark.parametrize(
    ("text", "language", "caught"),
    [
        ("ご視聴ありがとうございました", "ru", True),
        ("Спасибо за то, что были с нами", "en", True),
        ("Откройте Visual Studio Code и нажмите Install", "ru", False),
        ("He lives in Нижний Новгород, I think, or somewhere near it", "en", False),
        ("Dobro jutro, kako ste danas", "sr", False),
        ("Добро јутро, како сте данас", "sr", False),
        ("今日は東京でラーメンを食べました", "ja", False),
    ],
)
def test_foreign_letters_are_those_of_no_allowed_language(
    text: str, language: str, caught: bool
) -> None:
    """Borrowed names pass, whole sentences in another alphabet do not."""
    assert ("language" in objections(passage(text, language))) == caught


def test_any_language_may_be_written_where_none_is_named() -> None:
    """A recording that may switch, switches."""
    assert foreign_letters(passage("ご視聴ありがとうございました")) == 0.0
    both = passage("ご視聴ありがとうございました", "ru", "ja")
    assert foreign_letters(both) == 0.0


def test_latin_letters_are_believed_where_the_engine_is_sure() -> None:
    """An English sentence in a Russian call, unless it is a guess."""
    text = "Could you please repeat the last sentence for me"
    assert "language" not in objections(passage(text, "ru", probability=0.9))
    assert "language" in objections(passage(text, "ru", probability=0.4))


@pytest.mark.parametrize(
    "text", ["Thanks for watching!", "Субтитры сделал DimaTorzok", "Продолжение следует...", "you"]
)
def test_phrases_need_evidence_that_nobody_spoke(text: str) -> None:
    """The same words pass with voice, fail without, and are believed where nobody knows."""
    said = passage(text, "ru")
    everywhere = (Span(0.0, 9.0),)
    assert objections(replace(said, voice=everywhere)) == ()
    assert "phrase" in objections(replace(said, voice=()))
    assert "phrase" not in objections(passage(text, probability=None))
    assert "phrase" in objections(passage(text, probability=0.2))


def test_usual_words_are_suspect_only_alone() -> None:
    """«Спасибо» in a sentence is no credit line."""
    nobody = ()
    assert "phrase" in objections(passage("Спасибо. Спасибо.", voice=nobody))
    assert "phrase" not in objections(passage("Спасибо, не надо.", voice=nobody))


def test_unsure_words_without_voice_are_suspect() -> None:
    """Where the witness hears nobody, only an engine that is sure is believed."""
    text = "a man who was not there"
    assert objections(passage(text, voice=(), probability=None)) == ("voice",)
    assert objections(passage(text, voice=(), probability=0.3)) == ("voice",)
    assert objections(passage(text, voice=(), probability=0.9)) == ()


def test_a_phrase_is_suspect_where_the_engine_itself_heard_nobody() -> None:
    """Alone or beside a witness in doubt; clear voice outweighs it, a low number says nothing."""
    text = "Thanks for watching!"
    nobody = passage(text, no_speech=0.9)
    half = (Span(0.0, 0.6),)
    assert "phrase" in objections(nobody)
    assert "phrase" in objections(replace(nobody, voice=half))
    assert "phrase" not in objections(replace(nobody, voice=(Span(0.0, 9.0),)))
    assert "phrase" not in objections(passage(text, no_speech=0.5))
    assert "phrase" not in objections(passage(text, voice=half, no_speech=0.5))
    assert "phrase" in objections(passage(text, voice=(), no_speech=0.01))


def test_a_sure_engine_that_heard_nobody_is_not_believed_against_the_witness() -> None:
    """Two that hear nobody outweigh probable words; either alone does not."""
    text = "a man who was not there"
    assert objections(passage(text, voice=(), no_speech=0.9)) == ("voice",)
    assert objections(passage(text, voice=(), no_speech=0.5)) == ()
    assert objections(passage(text, voice=(Span(0.0, 9.0),), no_speech=0.9)) == ()


def test_the_witness_is_not_asked_where_all_is_well() -> None:
    """Sure words that cover their speech need no second opinion."""
    assert not needs_voice(passage(SAYING))
    assert needs_voice(passage(SAYING, probability=None))
    assert needs_voice(Passage((Span(0.0, 9.0),), ()))


@given(WORDS, st.none() | st.just(()), st.none() | st.floats(0.0, 1.0))
def test_every_objection_has_its_place(
    words: list[str], voice: tuple[Span, ...] | None, probability: float | None
) -> None:
    """Parts are in order and disjoint, and no reason is lost."""
    said = passage(" ".join(words), "ru", probability=probability, voice=voice)
    parts = doubtful_parts(said, tuple(GUARDS))
    assert {reason for _, reasons in parts for reason in reasons} == set(GUARDS)
    assert all(before.end < after.start for (before, _), (after, _) in pairwise(parts))
    assert doubtful_parts(said, ()) == []


CHANCES = st.none() | st.floats(0.0, 1.0)
SOMEWHERE = st.just(()) | st.tuples(st.floats(0.1, 5.0).map(lambda end: Span(0.0, end)))


@given(WORDS, SOMEWHERE, CHANCES, CHANCES)
def test_asking_the_witness_changes_nothing_where_it_is_not_needed(
    words: list[str],
    voice: tuple[Span, ...],
    probability: float | None,
    no_speech: float | None,
) -> None:
    """`needs_voice` never keeps a guard from objecting."""
    said = passage(" ".join(words), "ru", probability=probability, no_speech=no_speech)
    if not needs_voice(said):
        assert objections(replace(said, voice=voice)) == objections(said)


def test_no_words_and_no_voice_are_in_order() -> None:
    """Nothing was said and nothing was written."""
    empty = Passage((Span(0.0, 10.0),), (), ("ru",), ())
    assert all(guard.measure(empty) == 0.0 for guard in GUARDS.values())


def test_languages_without_an_entry_are_written_in_latin() -> None:
    """Most are."""
    assert scripts_of("de") == scripts_of("vi") == {"LATIN"}
