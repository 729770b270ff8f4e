"""What decisions, tasks and questions sound like: one set of patterns per language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from stenograf.guards.script import script_of, scripts_of

NAME: Final = "\ue000"
"""Each letter of a participant's name, in the text that patterns read (`naming.masked`)."""

_BY_SCRIPT: Final = {"CYRILLIC": "ru", "LATIN": "en"}


@dataclass(frozen=True, slots=True)
class Cues:
    """Patterns of one language, for text as `naming.masked` gives it.

    `decided` says that something was decided, unless `undecided` stands before it in its clause or
    `narrated` anywhere. `requested` asks somebody, also in the form of a question; `told` only
    where a participant is addressed, `ordered` only where it begins a sentence that says a date.
    `named` holds the participant's name, `promised` is the speaker's own task, `needed` is
    nobody's. `loose` are the same three with any verb and `idle` the verbs that do nothing: they
    count where a date is said. `conditional` before a task voids it. `due` finds dates, the firm
    ones before the others.

    `starts_question` opens a question where nobody writes question marks; `tag` ends a statement
    that only looks like one; `small` are questions about the call itself, small talk and rhetoric;
    `open` says in so many words that a question is open. `evasive` is what those say who do not
    answer, or go on to something else, `plain` what a short answer says. `courtesy` is what no
    point of a topic says, `lead` what opens a sentence and says nothing. `patronymic` may follow a
    name that is called.
    """

    decided: re.Pattern[str]
    undecided: re.Pattern[str]
    narrated: re.Pattern[str]
    requested: re.Pattern[str]
    told: re.Pattern[str]
    ordered: re.Pattern[str]
    named: re.Pattern[str]
    promised: re.Pattern[str]
    needed: re.Pattern[str]
    loose: Mapping[str, re.Pattern[str]]
    idle: re.Pattern[str]
    conditional: re.Pattern[str]
    due: tuple[re.Pattern[str], ...]
    starts_question: re.Pattern[str]
    tag: re.Pattern[str]
    small: re.Pattern[str]
    open: re.Pattern[str]
    evasive: re.Pattern[str]
    plain: re.Pattern[str]
    courtesy: re.Pattern[str]
    lead: re.Pattern[str]
    patronymic: str = ""


def any_of(lines: str, **parts: str) -> re.Pattern[str]:
    """A pattern for any of the lines, as whole words; `<part>` in them stands for a part.

    >>> any_of("we <done>", done="agreed|decided").search("So we decided.").group()
    'we decided'
    """
    return re.compile(rf"(?<!\w)(?:{filled(lines, **parts)})(?!\w)", re.IGNORECASE)


def filled(lines: str, **parts: str) -> str:
    r"""The lines as alternatives, also inside of brackets, with the parts in their places.

    >>> filled("(?:we|they\nall) agreed\ndeal")
    '(?:we|they|all) agreed|deal'
    """
    text = "|".join(line.strip() for line in lines.strip().splitlines())
    for part, pattern in parts.items():
        text = text.replace(f"<{part}>", f"(?:{pattern})")
    return text.replace("<name>", f"{NAME}+")


def cues_for(text: str, language: str | None) -> Cues | None:
    """The patterns for a sentence: by its letters, and by `language` where both can be true.

    >>> cues_for("Guten Tag", "de"), cues_for("42", None)
    (None, None)
    """
    spoken = language_of(text, language)
    return _cues(spoken) if spoken in _BY_SCRIPT.values() else None


def language_of(text: str, language: str | None) -> str | None:
    """What a sentence is spoken in; None where neither its letters nor `language` tell.

    >>> language_of("давай deploy завтра", "ru"), language_of("See you!", "ru")
    ('ru', 'en')
    """
    script = _script(text)
    if language is not None and (script is None or script in scripts_of(language)):
        return language
    return _BY_SCRIPT.get(script or "")


def _script(text: str) -> str | None:
    """The script of most letters; the first in the text of two that are equal."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            script = script_of(letter)
            counts[script] = counts.get(script, 0) + 1
    return max(counts, key=lambda script: counts[script]) if counts else None


@cache
def _cues(language: str) -> Cues:
    if language == "ru":
        from stenograf.minutes.extractive.cues_ru import CUES as RUSSIAN

        return RUSSIAN
    from stenograf.minutes.extractive.cues_en import CUES as ENGLISH

    return ENGLISH
