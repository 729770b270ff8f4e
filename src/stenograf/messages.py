"""What people read, in their language: one catalogue of templates for all doors.

The English template is the key; `locale/<language>/LC_MESSAGES/stenograf.mo` holds translations.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from stenograf.core.errors import StenografError
from stenograf.core.transcript import Notice

DOMAIN: Final = "stenograf"
LOCALE: Final = Path(__file__).parent / "locale"
ENGLISH: Final = "en"
VARIABLES: Final = ("STENOGRAF_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""The first one that is set decides, as POSIX orders them."""

_WINDOWS_RUSSIAN: Final = 0x19  # LANG_RUSSIAN, the low ten bits of a Windows language id


class Localized(NamedTuple):
    """A message and its hint, ready to print; the hint may be empty."""

    message: str
    hint: str


def language(environ: Mapping[str, str] = os.environ) -> str:
    """The language to speak, as an ISO 639-1 code: English unless we have what is asked for.

    >>> language({"LANG": "ru_RU.UTF-8"}), language({"LC_ALL": "C", "LANG": "ru_RU.UTF-8"})
    ('ru', 'en')
    """
    asked = next((environ[name] for name in VARIABLES if environ.get(name)), None)
    if asked is None:
        asked = _windows_language()
    code = asked.replace("-", "_").split("_")[0].split(".")[0].lower()
    return code if code in languages() else ENGLISH


@cache
def languages() -> frozenset[str]:
    """Codes of the languages that have a catalogue, English included."""
    return frozenset({ENGLISH, *(path.parent.parent.name for path in LOCALE.glob("*/*/*.mo"))})


def translate(template: str, lang: str | None = None) -> str:
    """The template in `lang` (default: the user's language), English where no translation exists.

    >>> translate("Check the path.", "ru")
    'Проверьте путь.'
    """
    # An empty key would give the catalogue's own header.
    return _catalogue(lang or language()).gettext(template) if template else ""


def later(template: str) -> str:
    """The template as it is, marked for translators: `translate` gets it when it is shown."""
    return template


def localize(said: StenografError | Notice, lang: str | None = None) -> Localized:
    """Message and hint of an error or a notice in `lang`, with their details filled in."""
    return Localized(
        _filled(said.message, said.details, lang), _filled(said.hint or "", said.details, lang)
    )


def _filled(template: str, details: Mapping[str, Any], lang: str | None) -> str:
    try:
        return translate(template, lang).format_map(details)
    except (AttributeError, LookupError, TypeError, ValueError):
        return template  # from a document that somebody changed: better bare than not at all


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [lang], fallback=True)


def _windows_language() -> str:
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _WINDOWS_RUSSIAN:
            return "ru"
    return ENGLISH
