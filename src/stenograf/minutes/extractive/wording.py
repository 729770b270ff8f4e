"""What was said, short enough to read."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 240  # letters: three lines
ELLIPSIS: Final = "…"

_HESITATION: Final = re.compile(
    r"(?:(?:u+[hm]+|e+r+m?|[hm]+m|э+м*|э(?:-э)+|м+м|хм+)\b[\s,.…-]*)+", re.I
)


def without_hesitation(text: str) -> str:
    """The text without the sounds that only begin it, unless it is nothing else.

    >>> without_hesitation("Um, uh we agreed."), without_hesitation("Э-э, решили."), (
    ...     without_hesitation("Hmm.")
    ... )
    ('We agreed.', 'Решили.', 'Hmm.')
    """
    found = _HESITATION.match(text)
    if found is None or found.end() == len(text):
        return text
    rest = text[found.end() :]
    return rest[:1].upper() + rest[1:] if text[:1].isupper() else rest


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
