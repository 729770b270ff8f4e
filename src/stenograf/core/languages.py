"""Languages by their ISO 639 codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "ar": "arabic", "be": "belarusian", "bg": "bulgarian", "cs": "czech", "da": "danish",
    "de": "german", "el": "greek", "en": "english", "es": "spanish", "et": "estonian",
    "fi": "finnish", "fr": "french", "he": "hebrew", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "it": "italian", "ja": "japanese", "ka": "georgian", "kk": "kazakh",
    "ko": "korean", "lt": "lithuanian", "lv": "latvian", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sk": "slovak",
    "sv": "swedish", "tr": "turkish", "uk": "ukrainian", "uz": "uzbek", "vi": "vietnamese",
    "zh": "chinese",
}  # fmt: skip
"""English names of the languages that are spoken most here, in small letters."""
