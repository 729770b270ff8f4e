"""Text of forms as clients really send it: with marks of byte order, in code pages, twice encoded.

Names of files come raw in UTF-8 (curl, browsers, RFC 7578), raw in the code page of Windows
(curl.exe there), as `filename*` (RFC 5987: older urllib3 sends nothing else), and as an encoded
word (RFC 2047) beside `filename*` (.NET, so PowerShell's -Form).
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Final
from urllib.parse import unquote_to_bytes

from python_multipart.multipart import parse_options_header

_STAR: Final = re.compile(rb"""filename\*\s*=\s*"?([\w.-]*)'[^']*'([^;"\s]+)""", re.IGNORECASE)
_ENCODED_WORD: Final = re.compile(r"=\?[\w.-]+\?[bq]\?[^?\s]*\?=(\s*=\?.*)?", re.I | re.A)
_RUSSIAN: Final = re.compile(rb"[\xa8\xb8\xc0-\xff]{2}")  # Ё, ё, А to я side by side
_MARKS: Final = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))


def as_text(raw: bytes) -> str:
    r"""The text behind the bytes: by its mark, else UTF-8, else the code page that is likelier.

    Letters beyond ASCII stand alone in Western words and side by side in Russian ones.

    >>> as_text("да".encode("utf-16")), as_text("Привет".encode("cp1251")), as_text(b"caf\xe9")
    ('да', 'Привет', 'café')
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1251" if _RUSSIAN.search(raw) else "cp1252", "replace")


def file_name(disposition: bytes) -> str | None:
    r"""The file's name in a Content-Disposition header; None where the part is no file.

    >>> file_name(b"form-data; name=file; filename*=utf-8''%D0%B0.mp3")
    'а.mp3'
    """
    star = _STAR.search(disposition)
    if star is not None:
        return _decoded(unquote_to_bytes(star[2]), star[1].decode())
    raw = parse_options_header(disposition)[1].get(b"filename")
    if raw is None:
        return None
    name = as_text(raw)
    return _unfolded(name) if _ENCODED_WORD.fullmatch(name) else name


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return as_text(raw)


def _unfolded(name: str) -> str:
    try:
        return str(make_header(decode_header(name))) or name
    except (MessageError, LookupError, ValueError):
        return name
