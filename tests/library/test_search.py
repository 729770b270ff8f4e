"""Words found in any form."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Word
from stenograf.library import Hit, Library, StoredRecording
from stenograf.library.search import cut, parse_query
from stenograf.testing.documents import CALL, EMPTY, spoken

Add = Callable[..., StoredRecording]


def said(text: str) -> Transcript:
    return Transcript(Recording("a.wav", 60.0), words=tuple(spoken(text, speaker=None)))


def marked(hit: Hit) -> list[str]:
    return [hit.snippet[start:end] for start, end in hit.marks]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Обсудили встречу с клиентами.", "встреча клиент", ["встречу", "клиентами"]),
        ("Договорились о ценах", "цена", ["ценах"]),
        ("Ёлки и йод", "елка ЙОД", ["Ёлки", "йод"]),
        ("We are meeting the suppliers", "meet supplier", ["meeting", "suppliers"]),
        ("Das Café ist schön", "cafe schon", ["Café", "schön"]),
        ("счёт № 4512 от мая", "4512", ["4512"]),
        ("your e-mail, please", "e-mail", ["e", "mail"]),
        ("会议纪要明天发", "纪要", ["纪", "要"]),
        ("привет приветствую", "прив*", ["привет", "приветствую"]),
    ],
)
def test_a_word_is_found_in_any_form(
    library: Library, add: Add, text: str, query: str, found: list[str]
) -> None:
    """Forms, case, accents, numbers, scripts without spaces, and beginnings."""
    library.save_transcript(add().id, said(text))
    (hit,) = library.search(query).items
    assert marked(hit) == found


@pytest.mark.parametrize(
    "query", ["договор", '"клиентами встречу"', "встреча цена", "встр", "", "!"]
)
def test_what_was_not_said_is_not_found(library: Library, add: Add, query: str) -> None:
    """Other words, another order of a phrase, only one of two, a part of a word, or nothing."""
    library.save_transcript(add().id, said("Обсудили встречу с клиентами"))
    assert library.search(query).total == 0


@pytest.mark.parametrize(
    "query", ['"', "' OR 1=1 --", "AND", "NEAR(a b)", "stems:x", "*", "a^2", "-"]
)
def test_a_query_is_text_and_no_language(library: Library, add: Add, query: str) -> None:
    """What the index would read as a command is only words."""
    library.save_transcript(add().id, said("nothing here"))
    assert library.search(query).total == 0


def test_a_hit_says_where_and_who(library: Library, add: Add) -> None:
    """Recording, version, time and speaker of the utterance."""
    kept = add()
    library.save_transcript(kept.id, CALL)
    (hit,) = library.search("день").items
    assert (hit.recording_id, hit.recording_name, hit.version) == (kept.id, "call.mp3", 1)
    assert hit.span == Span(0.5, 2.28)
    assert (hit.speaker, hit.speaker_label) == ("SPEAKER_00", "Анна Петрова")


def test_only_the_newest_version_is_searched(library: Library, add: Add) -> None:
    """A word that an edit removed is found no more, though history has it."""
    id = add().id
    library.save_transcript(id, said("тайна"))
    library.save_transcript(id, said("пропуск"), made_by="edit")
    assert library.search("тайна").total == 0
    assert library.search("пропуск").items[0].version == 2
    library.save_transcript(id, EMPTY, made_by="edit")
    assert library.search("пропуск").total == 0


def test_hits_can_be_narrowed_and_paged(library: Library, add: Add) -> None:
    """By recording, by speaker, by the key that brought them; total counts all pages."""
    ids = [add().id for _ in range(3)]
    for id in ids:
        library.save_transcript(id, CALL)
    assert library.search("apple", recording_id=ids[1]).items[0].recording_id == ids[1]
    assert library.search("день", speaker="Анна Петрова").total == 3
    assert library.search("день", speaker="SPEAKER_01").total == 0
    assert library.search("день", key_id="k").total == 0
    page = library.search("apple", limit=2, offset=2)
    assert (len(page.items), page.total) == (1, 3)


def test_a_deleted_recording_is_not_found(library: Library, add: Add) -> None:
    """Its passages and the index go with it."""
    id = add().id
    library.save_transcript(id, CALL)
    library.delete_recording(id)
    assert library.search("apple").total == 0


def test_a_long_utterance_is_cut_around_the_word() -> None:
    """The snippet begins and ends between words and says that there is more."""
    text = " ".join(f"word{n}" for n in range(200))
    snippet, marks = cut(text, parse_query("word100"))
    assert snippet.startswith("…word9")
    assert snippet.endswith("…")
    assert [snippet[a:b] for a, b in marks] == ["word100"]
    assert len(snippet) < 310


def test_a_renamed_speaker_is_found_by_the_new_name(library: Library, add: Add) -> None:
    """Labels come from the version that is searched."""
    id = add().id
    library.save_transcript(id, CALL)
    named = Transcript(
        CALL.recording, (Word(Span(0, 1), "да", speaker="a"),), speakers=(Speaker("a", "Борис"),)
    )
    library.save_transcript(id, named, made_by="edit")
    assert library.search("да", speaker="Борис").total == 1
    assert library.search("да", speaker="Анна Петрова").total == 0
