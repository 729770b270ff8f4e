"""Minutes as a Word document, read back with python-docx."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Emu
from hypothesis import given, settings

from stenograf.core.span import Span
from stenograf.minutes import Item, Minutes, Source, Task, render
from stenograf.testing.minutes import MEETING, MINUTES, SILENCE


def opened(minutes: Minutes, lang: str | None = "en") -> Any:
    """The document as Word opens it."""
    return docx.Document(io.BytesIO(render(minutes, "docx", lang=lang)))


def cells(table: Any) -> list[list[str]]:
    """The text of each cell, row by row."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_headings_and_lists_are_real_ones() -> None:
    """Word's table of contents and its numbering know them."""
    found = [(p.style.name, p.text) for p in opened(MEETING).paragraphs]
    assert found[:2] == [("Heading 1", "Планёрка отдела"), ("Subtitle", "Minutes of a meeting")]
    assert ("Heading 2", "Decisions") in found
    assert ("Heading 3", "00:00:00–00:30:00  Отгрузка") in found
    assert ("List Number", "Отгрузить 500 штук до пятницы. (00:01:02, Анна Петрова)") in found
    assert ("List Bullet", "Склад готов. (00:00:20, Boris)") in found
    assert ("Intense Quote", "Got 12.0 s. Again.") in found
    assert found[-2][1].startswith("Checked by: ____")
    assert "A draft, written on 2026-11-21" in found[-1][1]


def test_tables_repeat_their_header_and_break_no_row() -> None:
    """A list of tasks over two pages stays readable."""
    people, tasks = opened(MEETING).tables
    assert cells(people)[1] == ["Анна Петрова", "Начальник отдела", "00:35:00", "70 %"]
    assert cells(tasks) == [
        ["No.", "Task", "Who", "Until when", "Where said"],
        ["1", "Прислать накладные.", "Boris", "завтра", "00:01:10, Boris"],
        ["2", "Узнать цену доставки.", "", "", "00:01:02, Анна Петрова; 01:02:05"],
    ]
    is_header = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in tasks.rows]
    assert is_header == [True, False, False]
    assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in tasks.rows)
    widths = [cell.width for cell in tasks.rows[1].cells]
    assert widths[1] == max(widths)
    assert widths[0] == min(widths)


def test_the_page_fits_a4_and_letter() -> None:
    """Within the margins is what both sheets have: 216 mm across at most, 279 mm down."""
    [section] = opened(MEETING).sections
    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    text_height = section.page_height - section.top_margin - section.bottom_margin
    assert Emu(text_height).mm < 279
    assert "PAGE" in section.footer._element.xml


def test_properties_say_what_the_document_is() -> None:
    """Its language too, which spelling is checked in."""
    document = opened(MEETING, lang=None)
    properties = document.core_properties
    assert (properties.title, properties.author) == ("Планёрка отдела", "Stenograf")
    assert properties.language == "ru"
    assert properties.created == datetime(2026, 11, 21, 4, tzinfo=UTC)
    languages = {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"ru"}


@pytest.mark.parametrize("moment", ["yesterday", "0001-01-01T00:00:00+14:00", "\x00"])
def test_a_moment_that_is_none_is_left_out(moment: str) -> None:
    """Somebody may have written the minutes' JSON by hand."""
    assert opened(replace(SILENCE, created_at=moment)).core_properties.created.year < 2026


@pytest.mark.parametrize(("language", "told"), [("de", "de"), ("\x00", "en"), ("<b>", "en")])
def test_the_language_is_that_of_what_was_said(language: str, told: str) -> None:
    """Headings may be in another; what is no language is none."""
    assert opened(replace(SILENCE, language=language)).core_properties.language == told


@given(MINUTES)
@settings(max_examples=8, deadline=None)
def test_a_document_opens_whatever_was_said(minutes: Minutes) -> None:
    """Control characters, half surrogates and markup do not break the XML."""
    assert opened(minutes).paragraphs[1].text == "Minutes of a meeting"


@pytest.mark.parametrize(("text", "turned"), [("مرحبا", True), ("«שלום»", True), ("да", False)])
def test_arabic_and_hebrew_run_right_to_left(text: str, turned: bool) -> None:
    """In lists and tables too, or Word puts the full stop on the wrong side."""
    source = (Source(Span(0.0, 1.0), None, text),)
    minutes = replace(SILENCE, decisions=(Item(text, source),), tasks=(Task(text, source),))
    document = opened(minutes)
    [listed] = [p for p in document.paragraphs if p.style.name == "List Number"]
    [told] = document.tables[0].rows[1].cells[1].paragraphs
    for paragraph in (listed, told):
        assert bool(paragraph._p.findall(f".//{qn('w:bidi')}")) == turned


def test_properties_of_a_paragraph_stand_in_their_order() -> None:
    """Spacing follows the direction, as ECMA-376 has it."""
    source = (Source(Span(0.0, 1.0), None, "שלום"),)
    [tasks] = opened(replace(SILENCE, tasks=(Task("שלום", source),))).tables
    [told] = tasks.rows[1].cells[1].paragraphs
    assert [child.tag for child in told._p.pPr] == [qn("w:bidi"), qn("w:spacing")]
