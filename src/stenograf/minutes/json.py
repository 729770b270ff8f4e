"""Minutes as versioned JSON, the only form of them that can be read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from stenograf.core.errors import DocumentInvalidError
from stenograf.export.stored import (
    BYTE_ORDER_MARK,
    invalid,
    parsed,
    plain,
    score,
    seconds,
    times,
    written,
)
from stenograf.minutes.document import FORMAT_VERSION, Item, Minutes, Task

MAX_MINUTES_BYTES: Final = 64 * 1024 * 1024  # those of a day of speech are some hundred kilobytes


def render(minutes: Minutes, lang: str | None = None) -> bytes:
    """The minutes in UTF-8; data has no language."""
    return to_json(minutes)


def to_json(minutes: Minutes) -> bytes:
    """The minutes in UTF-8, described by docs/schema/minutes-1.json.

    Times are in seconds to the millisecond, shares to four decimals.
    """
    return written(as_plain(minutes))


def as_plain(minutes: Minutes) -> dict[str, Any]:
    """The minutes as the plain data that JSON holds."""
    return {
        "format_version": FORMAT_VERSION,
        "title": minutes.title,
        "recording": minutes.recording,
        "date": minutes.date,
        "duration": seconds(minutes.duration),
        "language": minutes.language,
        "method": minutes.method,
        "model": minutes.model,
        "package_version": minutes.package_version,
        "created_at": minutes.created_at,
        "participants": [
            {
                "label": one.label,
                "role": one.role,
                "seconds": seconds(one.seconds),
                "share": score(one.share),
            }
            for one in minutes.participants
        ],
        "summary": minutes.summary,
        "decisions": [_item(decision) for decision in minutes.decisions],
        "tasks": [
            {**_item(task), "assignee": task.assignee, "due": task.due} for task in minutes.tasks
        ],
        "questions": [_item(question) for question in minutes.questions],
        "topics": [
            {
                **times(topic.span),
                "title": topic.title,
                "points": [_item(point) for point in topic.points],
            }
            for topic in minutes.topics
        ],
        "notices": [
            {"code": n.code, "message": n.message, "hint": n.hint, "details": plain(n.details)}
            for n in minutes.notices
        ],
    }


def _item(item: Item | Task) -> dict[str, Any]:
    sources = [
        {**times(source.span), "speaker": source.speaker, "text": source.text}
        for source in item.sources
    ]
    return {"text": item.text, "sources": sources}


def read_minutes(data: bytes) -> Minutes:
    """The minutes of any version up to this one.

    Raises DocumentInvalidError, naming the place, and DocumentTooNewError.
    """
    from pydantic import ValidationError

    from stenograf.minutes.schema import MinutesDocument

    document = parsed(data, known_version=FORMAT_VERSION, max_bytes=MAX_MINUTES_BYTES)
    _refuse_repeated_names(data)
    try:
        return MinutesDocument.model_validate(document).to_minutes()
    except ValidationError as error:
        raise invalid(error) from error


def _refuse_repeated_names(data: bytes) -> None:
    """Raise for an object that says one thing twice: readers of it would not agree."""
    try:
        json.loads(data.removeprefix(BYTE_ORDER_MARK), object_pairs_hook=_distinct)
    except ValueError as error:
        raise DocumentInvalidError("This is not JSON: {reason}.", reason=str(error)) from error


def _distinct(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise DocumentInvalidError("{name} is there twice in one object.", name=name)
        found[name] = value
    return found
