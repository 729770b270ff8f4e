"""The Word document, read back with python-docx."""

import io

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from tests.steps import steps

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Word
from stenograf.export import render
from stenograf.export.docx import COLOURS
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY, spoken


def paragraphs(document: Transcript) -> list[str]:
    """The text of each paragraph below the title."""
    return [p.text for p in docx.Document(io.BytesIO(render(document, "docx"))).paragraphs][1:]


def test_each_utterance_has_time_bold_coloured_name_and_text() -> None:
    """Notices come first; speakers differ in colour; nobody is a question mark."""
    found = docx.Document(io.BytesIO(render(CALL, "docx"))).paragraphs
    assert found[0].text == "звонок 1.mp3"
    assert found[1].text == "Got 12.0 s. Again."
    assert [run.text for run in found[2].runs] == [
        "00:00:00  ",
        "Анна Петрова: ",
        "Добрый день, чем я могу помочь?",
    ]
    assert found[2].runs[1].bold
    assert not found[2].runs[2].bold
    colours = [str(p.runs[1].font.color.rgb) for p in found[2:4]]
    assert colours == list(COLOURS[:2])
    assert found[4].runs[1].text == "?: "


def test_documents_without_words_have_names_only() -> None:
    """Turns with times, or only the title."""
    assert paragraphs(TURNS_ONLY) == ["00:00:00  SPEAKER_00", "00:00:04  Boris"]
    assert paragraphs(EMPTY) == []


@given(TRANSCRIPTS)
@settings(max_examples=10, deadline=None)
def test_a_document_opens_whatever_was_said(document: Transcript) -> None:
    """Control characters, half surrogates and markup do not break the XML."""
    assert len(paragraphs(document)) >= bool("".join(w.text for w in document.words).isalnum())


@pytest.mark.parametrize(("text", "turned"), [("مرحبا", True), ("«שלום»", True), ("да", False)])
def test_arabic_and_hebrew_run_right_to_left(text: str, turned: bool) -> None:
    """The paragraph says so, or Word puts the full stop on the wrong side."""
    document = Transcript(Recording("a.wav", 1.0), tuple(spoken(text, speaker=None)))
    [_, paragraph] = docx.Document(io.BytesIO(render(document, "docx"))).paragraphs
    assert bool(paragraph._p.findall(f".//{qn('w:bidi')}")) == turned


def test_the_work_grows_with_the_number_of_utterances_not_its_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three times as many utterances take at most three times the steps, the template apart."""
    blanks = [docx.Document(), docx.Document()]
    monkeypatch.setattr(docx, "Document", blanks.pop)
    speakers = (Speaker("A"), Speaker("B"))

    def work(n_words: int) -> int:
        words = tuple(Word(Span(i, i + 0.5), "слово", speaker="AB"[i % 2]) for i in range(n_words))
        document = Transcript(Recording("a.wav", n_words), words, speakers=speakers)
        return steps(lambda: render(document, "docx"))

    assert work(30) < 3 * work(10)
