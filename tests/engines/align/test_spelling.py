"""Words as symbols."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.engines.align.spelling import Alphabet, spell_all
from stenograf.engines.align.viterbi import ANYTHING, Silence

ENGLISH = Alphabet({letter: i for i, letter in enumerate("ABCDEINOTW'", start=5)}, Silence(0, 4))
RUSSIAN = Alphabet({letter: i for i, letter in enumerate("абвгдежзийо")}, Silence(33))


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("Once", "ONCE"),
        ("don’t,", "DON'T"),
        ("naïve", "NAI*E"),  # there is no V in this alphabet
        ("42", "*"),
        ("2nd", "*ND"),
        ("A4-ti", "A*TI"),
        ("$5", "*"),
        ("&", "*"),
        ("%", "*"),
        ("...", ""),
        ("—", ""),
        ("«", ""),
        ("слово", "*"),
    ],
)
def test_english_words(word: str, spoken: str) -> None:
    """Letters are found in either case and without accents; the rest is anything, or silent."""
    names = {symbol: letter for letter, symbol in ENGLISH.symbols.items()} | {ANYTHING: "*"}
    assert "".join(names[symbol] for symbol in ENGLISH.spell(word)) == spoken


def test_a_letter_of_its_own_is_not_stripped() -> None:
    """Й stays й, while ё, which this model lacks, is taken for е."""
    assert RUSSIAN.spell("Йё") == [RUSSIAN.symbols["й"], RUSSIAN.symbols["е"]]


@given(st.lists(st.text(max_size=6), max_size=6))
def test_every_symbol_belongs_to_a_word(words: list[str]) -> None:
    """Owners never go back, and each word spells as it does alone."""
    text = spell_all(words, ENGLISH)
    assert text.owners == sorted(text.owners)
    for i, word in enumerate(words):
        mine = [s for s, owner in zip(text.symbols, text.owners, strict=True) if owner == i]
        assert mine == ENGLISH.spell(word)
    assert sum(text.begins_word) == len(set(text.owners))


def test_the_share_of_known_symbols_tells_a_foreign_text() -> None:
    """Half of it can be spelt; nothing at all is not known either."""
    assert spell_all(["ONCE", "один"], ENGLISH).known == pytest.approx(0.8)
    assert spell_all(["...", "42"], ENGLISH).known == 0.0
    assert spell_all([], ENGLISH).known == 0.0
