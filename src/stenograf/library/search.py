"""Full-text search over what was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from stenograf.core.span import Span
from stenograf.library.database import reading
from stenograf.library.records import Hit, Page
from stenograf.library.shelf import Shelf
from stenograf.stems import folded, stems, tokens

MAX_TERMS: Final = 50
SNIPPET_CHARS: Final = 240
_BEFORE_CHARS: Final = 60  # how much of the snippet comes before the first found word

_PART: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')


class Term(NamedTuple):
    """Words that must follow one another; of a prefix, the last one may go on.

    Stems hold nothing but letters and digits, so nothing in them is an operator.
    """

    stems: tuple[str, ...]
    is_prefix: bool = False


class FullText(NamedTuple):
    """One database's way to find terms: what to select from and to order by, and its language."""

    found: str
    rank: str
    match: Callable[[Sequence[Term]], str]


def fts5_match(terms: Sequence[Term]) -> str:
    """The terms as SQLite's FTS5 reads them.

    >>> fts5_match(parse_query('"двух слов" meetings e-mail прив*'))
    '"двух слов" AND "meet" AND "e mail" AND "прив"*'
    """
    said = (f'"{" ".join(term.stems)}"' + "*" * term.is_prefix for term in terms)
    return " AND ".join(said)


def tsquery_match(terms: Sequence[Term]) -> str:
    """The terms as PostgreSQL's `tsquery` reads them.

    >>> tsquery_match(parse_query('"двух слов" прив*'))
    "('двух' <-> 'слов') & ('прив':*)"
    """
    said = (" <-> ".join(f"'{stem}'" for stem in term.stems) for term in terms)
    ended = zip(said, terms, strict=True)
    return " & ".join(f"({words}{':*' * term.is_prefix})" for words, term in ended)


FULL_TEXTS: Final = {
    "sqlite": FullText(
        " FROM passages_fts JOIN passages p ON p.id = passages_fts.rowid"
        " JOIN recordings r ON r.id = p.recording_id WHERE passages_fts MATCH :match",
        "passages_fts.rank",
        fts5_match,
    ),
    "postgresql": FullText(
        " FROM passages p JOIN recordings r ON r.id = p.recording_id"
        " WHERE to_tsvector('simple', p.stems) @@ to_tsquery('simple', :match)",
        "-ts_rank(to_tsvector('simple', p.stems), to_tsquery('simple', :match))",
        tsquery_match,
    ),
}


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
        narrowed = "".join(_FILTERS[name] for name, value in asked.items() if value)
        given = {name: value for name, value in asked.items() if value}
        rows, total = self._rows(terms, narrowed, given, {"limit": limit, "offset": offset})
        return Page([_hit(row, terms) for row in rows], total, limit, offset)

    def _rows(
        self, terms: Sequence[Term], narrowed: str, given: dict[str, Any], page: dict[str, Any]
    ) -> tuple[Sequence[Mapping[Any, Any]], int]:
        from sqlalchemy import text

        way = FULL_TEXTS[self.engine.dialect.name]
        where, values = way.found + narrowed, given | {"match": way.match(terms)}
        columns = "SELECT p.*, r.name AS recording_name"
        order = f" ORDER BY {way.rank}, p.id LIMIT :limit OFFSET :offset"
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

    >>> parse_query('"двух слов" прив*')
    [Term(stems=('двух', 'слов'), is_prefix=False), Term(stems=('прив',), is_prefix=True)]
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
