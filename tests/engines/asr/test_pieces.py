"""Tokens become words where a reader expects one."""

from __future__ import annotations

import pytest

from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.pieces import Piece, to_heard


def pieces(*texts: str | bytes) -> list[Piece]:
    """One token each second."""
    encoded = [text.encode() if isinstance(text, str) else text for text in texts]
    return [Piece(text, float(i), 0.5) for i, text in enumerate(encoded)]


@pytest.mark.parametrize(
    ("language", "tokens", "words"),
    [
        ("en", [" so", " it", " go", "es", "."], [" so", " it", " goes."]),
        ("en", ["so", " it"], ["so", " it"]),
        ("ru", [" ", "д", "а", " ", "н"], [" да", " н"]),
        ("zh", ["你", "好", "。"], ["你", "好", "。"]),
        ("ja", [b"\xe6\x97", b"\xa5", "本"], ["日", "本"]),
        (None, [], []),
    ],
)
def test_words_begin_where_the_script_says(
    language: str | None, tokens: list[str | bytes], words: list[str]
) -> None:
    """At a space, alone or in front of a token, or at each whole character."""
    heard = to_heard(pieces(*tokens), language, 9.0)
    assert [word.text for word in heard] == words


def test_a_word_lasts_until_the_next_but_not_for_ever() -> None:
    """Its end is the next word's beginning, bounded from the last token's beginning."""
    heard = to_heard(pieces(" a", "b", " c"), "en", 60.0, tail_s=1.2)
    assert heard == [Heard(0.0, 2.0, " ab", 0.5), Heard(2.0, 3.2, " c", 0.5)]


def test_the_last_word_ends_with_the_sound() -> None:
    """Nothing is heard after the end; a token said to begin behind it lasts no time."""
    assert to_heard(pieces(" a"), "en", 0.5)[0].end == 0.5
    late = to_heard([Piece(b" a", 2.0, 1.0)], "en", 1.0)
    assert (late[0].start, late[0].end) == (2.0, 2.0)


def test_spaces_and_full_stops_do_not_stretch_a_word() -> None:
    """Decoders say them somewhere in the pause; the word is where its letters are."""
    heard = to_heard(pieces(" ", "д", "а", ".", " ", "н"), "ru", 60.0, tail_s=0.5)
    assert [(word.start, word.end) for word in heard] == [(1.0, 2.5), (5.0, 5.5)]
