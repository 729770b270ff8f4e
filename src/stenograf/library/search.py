"""Full-text search over what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from stenograf.core.errors import LibraryError
from stenograf.core.span import Span
from stenograf.library.database import reading
from stenograf.library.incoming import folded
from stenograf.library.records import Hit, Page
from stenograf.library.shelf import Shelf
from stenograf.library.stems import stems, tokens

MAX_TERMS: Final = 50
SNIPPET_CHARS: Final = 240
_BEFORE_CHARS: Final = 60  # how much of the snippet comes before the first found word

_PART: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')
_FOUND: Final = (
    " FROM passages_fts JOIN passages p ON p.id = passages_fts.rowid"
    " JOIN recordings r ON r.id = p.recording_id WHERE passages_fts MATCH :match"
)


class Term(NamedTuple):
    """Words that must follow one another; of a prefix, the last one may go on."""

    stems: tuple[str, ...]
    is_prefix: bool = False

    @property
    def match(self) -> str:
        """The term as FTS5 reads it; stems hold nothing but letters and digits."""
        return f'"{" ".join(self.stems)}"' + ("*" if self.is_prefix else "")


class SearchShelf(Shelf):
    """The part of the library that finds words."""

    def search(  # noqa: PLR0913
        self,
        query: str,
        *,
        limit: int = 20,
        offset: int = 0,
        recording_id: str | None = None,
        key_id: str | None = None,
        speaker: str | None = None,
    ) -> Page[Hit]:
        """Utterances that hold every word of the query in any form, the best first.

        `"two words"` must follow one another, `word*` may go on. Only newest versions are searched.
        `speaker` is an id or a name as the document has it.
        """
        terms = parse_query(query)
        if not terms:
            return Page([], 0, limit, offset)
        asked = {"recording": recording_id, "key": key_id, "speaker": speaker}
        where = _FOUND + "".join(_FILTERS[name] for name, value in asked.items() if value)
        values = asked | {"match": " AND ".join(term.match for term in terms)}
        rows, total = self._rows(where, values, limit, offset)
        return Page([_hit(row, terms) for row in rows], total, limit, offset)

    def _rows(
        self, where: str, values: dict[str, Any], limit: int, offset: int
    ) -> tuple[Sequence[Mapping[Any, Any]], int]:
        from sqlalchemy import text

        if self.engine.dialect.name != "sqlite":
            raise LibraryError("Full-text search works on SQLite only, so far.")
        columns = "SELECT p.*, r.name AS recording_name"
        order = " ORDER BY passages_fts.rank, p.id LIMIT :limit OFFSET :offset"
        page = {"limit": limit, "offset": offset}
        with reading(self.engine) as connection:
            rows = connection.execute(text(columns + where + order), values | page).mappings().all()
            total = connection.execute(text("SELECT count(*)" + where), values).scalar_one()
        return rows, total


_FILTERS: Final = {
    "recording": " AND p.recording_id = :recording",
    "key": " AND r.key_id = :key",
    "speaker": " AND (p.speaker = :speaker OR p.speaker_label = :speaker)",
}


def parse_query(query: str) -> list[Term]:
    """What a person typed, as terms that must all be found.

    >>> [term.match for term in parse_query('"двух слов" meetings e-mail прив*')]
    ['"двух слов"', '"meet"', '"e mail"', '"прив"*']
    """
    terms = []
    for phrase, word in _PART.findall(query):
        found = stems(phrase or word)
        is_prefix = word.endswith("*")
        if is_prefix and found:
            found[-1] = folded(word[:-1])[-_last_length(word) :]
        if found:
            terms.append(Term(tuple(found), is_prefix))
    return terms[:MAX_TERMS]


def _last_length(word: str) -> int:
    """How many letters the last word has."""
    *_, last = tokens(word)
    return last.end - last.start


def _hit(row: Mapping[Any, Any], terms: Sequence[Term]) -> Hit:
    snippet, marks = cut(row["text"], terms)
    return Hit(
        recording_id=row["recording_id"],
        recording_name=row["recording_name"],
        version=row["version"],
        span=Span(row["start_s"], row["end_s"]),
        speaker=row["speaker"],
        speaker_label=row["speaker_label"],
        snippet=snippet,
        marks=marks,
    )


def cut(text: str, terms: Sequence[Term]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The part of a text around the first found word, and where found words lie in it."""
    whole = {stem for term in terms for stem in term.stems}
    begun = tuple(term.stems[-1] for term in terms if term.is_prefix)
    found = [
        (token.start, token.end)
        for token in tokens(text)
        if token.stem in whole or folded(text[token.start : token.end]).startswith(begun)
    ]
    start = _word_start(text, found[0][0] - _BEFORE_CHARS) if found else 0
    end = _word_end(text, start + SNIPPET_CHARS)
    shift = start - bool(start)  # an ellipsis stands for what is left out
    snippet = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return snippet, tuple((a - shift, b - shift) for a, b in found if start <= a and b <= end)


def _word_start(text: str, place: int) -> int:
    return 0 if place <= 0 else text.find(" ", place) + 1


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", 0, place)
    return place if space < place - SNIPPET_CHARS // 2 else space
