"""Sound of the library as HTTP bodies, whole or by range (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from fastapi.responses import Response, StreamingResponse

from stenograf.library import Library, StoredRecording

_ONE_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")  # longer numbers are no places


def ranged(library: Library, stored: StoredRecording, asked: str | None) -> Response:
    """The bytes asked for: 206 for a range, 416 for one outside, else all of them with 200."""
    size = stored.size_bytes
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{stored.sha256}"',
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(stored.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'",
    }
    media_type = _playable(stored.content_type)
    match = _ONE_RANGE.fullmatch(asked.strip()) if asked else None
    if match is None or match.groups() == ("", ""):
        headers["Content-Length"] = str(size)
        return StreamingResponse(library.audio(stored.id), 200, headers, media_type)
    start, end = span_of(match[1], match[2], size)
    if start >= end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    body = library.audio(stored.id, start, end)
    return StreamingResponse(body, 206, headers, media_type)


def span_of(first: str, last: str, size: int) -> tuple[int, int]:
    """Start and end, exclusive, of a range; empty where nothing of it is there.

    >>> span_of("0", "1", 10), span_of("", "4", 10), span_of("8", "", 10), span_of("12", "", 10)
    ((0, 2), (6, 10), (8, 10), (12, 10))
    """
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)


def _playable(content_type: str) -> str:
    """What browsers play and never run; anything else is bytes."""
    return (
        content_type
        if content_type.startswith(("audio/", "video/"))
        else "application/octet-stream"
    )
