"""Minutes as a Word document: headings, lists and tables that Word knows as such."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final

from stenograf.export.docx import is_right_to_left, turn_around
from stenograf.minutes.document import Minutes
from stenograf.minutes.paper import layout

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_GREY: Final = "595959"  # 7 to 1 on white, as WCAG 2.2 asks for at level AAA
_SHADE: Final = "E7EBF0"
_SMALL_PT: Final = 9
_PAGE_MM: Final = (210, 297)
_MARGINS_MM: Final = (20, 25)
"""A4; what lies inside these margins fits on a sheet of Letter too, printed without scaling."""
_GAP: Final = "_" * 24
_LANGUAGE: Final = re.compile("[a-z]{2,3}")  # ISO 639


def render(minutes: Minutes, lang: str | None = None) -> bytes:
    """The bytes of a .docx file."""
    import docx

    paper = layout.laid_out(minutes, lang)
    document = docx.Document()
    _describe(document, paper, minutes)
    _set_page(document)
    _turned(document.add_heading(paper.title, level=1))
    _turned(document.add_paragraph(paper.kind, style="Subtitle"))
    for block in paper.blocks:
        _add(block, document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _describe(document: Document, paper: layout.Paper, minutes: Minutes) -> None:
    """Properties that file managers and searches show, and the language for spelling."""
    from docx.oxml.ns import qn

    properties = document.core_properties
    properties.author = "Stenograf"
    properties.title = paper.title[:255]
    properties.subject = paper.kind[:255]
    properties.language = spoken = _spoken(paper, minutes)
    properties.comments = ""
    with suppress(ValueError, OverflowError):  # a moment that somebody else wrote
        made = datetime.fromisoformat(minutes.created_at).astimezone(UTC).replace(tzinfo=None)
        properties.created = properties.modified = made
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), spoken)


def _spoken(paper: layout.Paper, minutes: Minutes) -> str:
    """The language of what was said; that of the headings where nobody knows it."""
    code = minutes.language or ""
    return code if _LANGUAGE.fullmatch(code) else paper.language


def _set_page(document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    [section] = document.sections
    section.page_width, section.page_height = map(Mm, _PAGE_MM)
    section.left_margin = section.right_margin = Mm(_MARGINS_MM[0])
    section.top_margin = section.bottom_margin = Mm(_MARGINS_MM[1])
    [footer] = section.footer.paragraphs
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer._p.append(_element("w:fldSimple", instr="PAGE"))  # its number, on each page


@singledispatch
def _add(block: object, document: Document) -> None:
    raise TypeError(block)


@_add.register(layout.Heading)
def _(block: layout.Heading, document: Document) -> None:
    _turned(document.add_heading(block.text, level=block.level))


@_add.register(layout.Facts)
def _(block: layout.Facts, document: Document) -> None:
    for name, value in block.rows:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = 0
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(value)
        _turned(paragraph)


@_add.register(layout.Table)
def _(block: layout.Table, document: Document) -> None:
    table = document.add_table(rows=0, cols=len(block.header), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = document._block_width * width // sum(block.widths)
    for index, row in enumerate((block.header, *block.rows)):
        _fill(table.add_row(), row, is_header=index == 0)


def _fill(row: Any, texts: tuple[str, ...], *, is_header: bool) -> None:
    """Write the cells of a row that stays on one page; a header is repeated on each page."""
    marks = [_element("w:cantSplit")] + [_element("w:tblHeader")] * is_header
    row._tr.get_or_add_trPr().extend(marks)
    for cell, text in zip(row.cells, texts, strict=True):
        [paragraph] = cell.paragraphs
        paragraph.paragraph_format.space_after = 0
        paragraph.add_run(text).bold = is_header
        _turned(paragraph)
        if is_header:
            shade = _element("w:shd", val="clear", color="auto", fill=_SHADE)
            cell._tc.get_or_add_tcPr().append(shade)


@_add.register(layout.Entries)
def _(block: layout.Entries, document: Document) -> None:
    style = document.styles["List Number" if block.is_numbered else "List Bullet"]
    for entry in block.entries:
        paragraph = document.add_paragraph(f"{entry.text} ", style=style)
        _small(paragraph, f"({entry.where})")
        _turned(paragraph)


@_add.register(layout.Text)
def _(block: layout.Text, document: Document) -> None:
    _turned(document.add_paragraph(block.text))


@_add.register(layout.Remark)
def _(block: layout.Remark, document: Document) -> None:
    _turned(document.add_paragraph(block.text, style="Intense Quote"))


@_add.register(layout.Signature)
def _(block: layout.Signature, document: Document) -> None:
    paragraph = document.add_paragraph("    ".join(f"{gap}: {_GAP}" for gap in block.gaps))
    paragraph.paragraph_format.space_before = document.styles["Normal"].font.size
    _turned(paragraph)


@_add.register(layout.SmallPrint)
def _(block: layout.SmallPrint, document: Document) -> None:
    paragraph = document.add_paragraph()
    _small(paragraph, block.text)
    _turned(paragraph)


def _small(paragraph: Paragraph, text: str) -> None:
    from docx.shared import Pt, RGBColor

    font = paragraph.add_run(text).font
    font.size = Pt(_SMALL_PT)
    font.color.rgb = RGBColor.from_string(_GREY)


def _turned(paragraph: Paragraph) -> None:
    if is_right_to_left(paragraph.text):
        turn_around(paragraph)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    return OxmlElement(name, attrs={qn(f"w:{key}"): value for key, value in attributes.items()})
