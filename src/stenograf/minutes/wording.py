"""What was said, short enough to read."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 240  # letters: three lines
ELLIPSIS: Final = "…"


def shortened(text: str, *, around: int = 0, at_most: int = LONGEST) -> str:
    """The words around a letter of the text, with an ellipsis where any are left out.

    >>> shortened("one two three four", around=8, at_most=10)
    '…three four'
    >>> shortened("one two three four", at_most=10)
    'one two…'
    """
    if len(text) <= at_most:
        return text
    start = max(0, min(around - at_most // 4, len(text) - at_most))
    if start:
        start = text.find(" ", start - 1, start + at_most) + 1 or start
    end = start + at_most
    if end < len(text):
        end = max(text.rfind(" ", start, end + 1), start) or end
        end = end if end > start else start + at_most
    before = ELLIPSIS if start else ""
    after = ELLIPSIS if end < len(text) else ""
    return f"{before}{text[start:end].strip()}{after}"
