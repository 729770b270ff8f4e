"""A Word document: a paragraph per utterance, each speaker in a colour of their own."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from stenograf.core.transcript import Transcript
from stenograf.export.plain import SUSPECT, clock, labels, lines, name_in, one_line, remarks

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

COLOURS: Final = ("1F5FA8", "B03A2E", "1E7B4F", "8E44AD", "A65E00", "00727A", "9B2367", "4D5A66")
"""Dark enough on white: a contrast of 4.5 and more, as WCAG 2.2 asks for."""
_TIME_COLOUR: Final = "666666"
_AFTER_BIDI: Final = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr")
"""Properties of a paragraph stand in the order of ECMA-376, 17.3.1.26, or Word may refuse them."""


def render(transcript: Transcript) -> bytes:
    """The bytes of a .docx file: recording as title, notices, then time, name and text."""
    import docx

    names = labels(transcript)
    colours = {id: COLOURS[index % len(COLOURS)] for index, id in enumerate(names)}
    document = docx.Document()
    document.core_properties.author = "Stenograf"
    document.core_properties.title = one_line(transcript.recording.name)[:255]
    document.core_properties.comments = ""
    document.add_heading(one_line(transcript.recording.name), level=1)
    for remark in remarks(transcript):
        document.add_paragraph(remark, style="Intense Quote")
    style = document.styles["Normal"]
    for line in lines(transcript):
        paragraph = document.add_paragraph(style=style)
        _write(paragraph, clock(line.span.start) + "  ", _TIME_COLOUR)
        if names:
            name = name_in(names, line.speaker, unknown="?")
            separator = ": " if line.text else ""
            colour = _TIME_COLOUR if line.speaker is None else colours[line.speaker]
            _write(paragraph, name + separator, colour, bold=True)
        if line.suspect:
            _write(paragraph, f"{SUSPECT} ", _TIME_COLOUR, bold=True)
        _write(paragraph, line.text)
        if is_right_to_left(line.text):
            turn_around(paragraph)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _write(
    paragraph: Paragraph, text: str, colour: str | None = None, *, bold: bool | None = None
) -> None:
    from docx.shared import RGBColor

    run = paragraph.add_run(text)
    run.bold = bold
    if colour is not None:
        run.font.color.rgb = RGBColor.from_string(colour)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs right to left (Unicode UAX 9, P2)."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((d for d in directions if d in {"L", "R", "AL"}), "L") != "L"


def turn_around(paragraph: Any) -> None:
    """Let a paragraph and its runs go right to left."""
    from docx.oxml import OxmlElement

    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
    for run in paragraph.runs:
        run.font.rtl = True
