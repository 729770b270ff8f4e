"""Who of a call's speakers sells."""

from __future__ import annotations

import pytest

from stenograf.attribution import assign_roles, with_role
from stenograf.core.errors import OptionError
from stenograf.core.transcript import Recording, Speaker, Transcript
from stenograf.testing.documents import spoken


def _call(*lines: tuple[str, str]) -> Transcript:
    words = [
        word
        for index, (speaker, text) in enumerate(lines)
        for word in spoken(text, speaker=speaker, start=10.0 * index)
    ]
    ids = dict.fromkeys(speaker for speaker, _ in lines)
    return Transcript(
        Recording("call.wav", 100.0), tuple(words), (), tuple(Speaker(id) for id in ids)
    )


CALL = _call(
    ("SPEAKER_00", "Алло да слушаю"),
    ("SPEAKER_01", "Здравствуйте меня зовут Анна компания Ромашка у нас скидка"),
    ("SPEAKER_02", "Это секретарь"),
)


def _roles(transcript: Transcript) -> list[str | None]:
    return [speaker.role for speaker in transcript.speakers]


def test_by_order_the_first_speaker_sells() -> None:
    """The second one buys, others have no role."""
    assert _roles(assign_roles(CALL)) == ["seller", "client", None]


def test_by_content_the_seller_is_who_offers() -> None:
    """The words of sellers outweigh the order; the first other speaker buys."""
    assert _roles(assign_roles(CALL, by="content")) == ["client", "seller", None]


def test_without_clear_words_the_order_decides() -> None:
    """Nobody is called a seller for one phrase."""
    unclear = _call(("SPEAKER_00", "да"), ("SPEAKER_01", "меня зовут Анна"))
    assert _roles(assign_roles(unclear, by="content")) == ["seller", "client"]


def test_named_roles_win() -> None:
    """By id; the other role goes to the first of the others."""
    assert _roles(assign_roles(CALL, seller="SPEAKER_02")) == ["client", None, "seller"]
    assert _roles(assign_roles(CALL, client="SPEAKER_00")) == ["client", "seller", None]


def test_one_person_cannot_have_both_roles() -> None:
    """Nor can somebody who is not there have one."""
    with pytest.raises(OptionError):
        assign_roles(CALL, seller="SPEAKER_00", client="SPEAKER_00")
    with pytest.raises(OptionError):
        assign_roles(CALL, seller="SPEAKER_09")


def test_one_voice_sells_and_nobody_buys() -> None:
    """Also with nobody at all."""
    alone = assign_roles(_call(("SPEAKER_00", "алло")))
    assert with_role(alone, "client") is None
    assert _roles(assign_roles(_call())) == []
