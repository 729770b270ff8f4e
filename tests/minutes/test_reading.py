"""A transcript as minutes read it."""

from __future__ import annotations

from dataclasses import replace

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Suspect, Transcript
from stenograf.minutes.reading import sentences
from stenograf.testing.documents import spoken

RECORDING = Recording("m.wav", 60.0)


def texts(transcript: Transcript) -> list[str]:
    return [sentence.source.text for sentence in sentences(transcript)]


def test_a_pause_ends_what_was_said_without_punctuation() -> None:
    """A short phrase is not torn, and a sentence with punctuation is whole whatever its pauses."""
    first = "one two three four five six seven eight"
    bare = (
        *spoken(first, speaker="A", pace=0.2),
        *spoken("nine ten", speaker="A", start=2.2, pace=0.2),
        *spoken("and more", speaker="A", start=3.2, pace=0.2),
    )
    marked = replace(bare[-1], text="more.")
    assert texts(Transcript(RECORDING, words=bare)) == [first, "nine ten and more"]
    assert texts(Transcript(RECORDING, words=(*bare[:-1], marked))) == [
        f"{first} nine ten and more."
    ]


def test_sentences_carry_the_language_of_their_words() -> None:
    """Words that say nothing speak the language of the document."""
    words = (
        *(replace(word, language="en") for word in spoken("All good.", speaker="A")),
        *spoken("Все хорошо.", speaker="A", start=1),
    )
    found = sentences(Transcript(RECORDING, words=words, language="ru"))
    assert [sentence.language for sentence in found] == ["en", "ru"]


def test_nothing_suspect_is_read() -> None:
    """Minutes state nothing that may be invented."""
    words = (*spoken("All good.", speaker="A"), *spoken("Thanks.", speaker="A", start=5))
    suspects = (Suspect(Span(4.9, 6.0), ("voice",)),)
    assert texts(Transcript(RECORDING, words=words, suspects=suspects)) == ["All good."]
