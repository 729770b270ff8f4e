"""What is wrong with a field, as a template that a door can translate.

pydantic words its reasons in English only; what decides here is their type, which is stable
(pydantic's documentation, "Validation Errors"). Values are left out: they may be secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from stenograf.core.errors import InvalidRequestError
from stenograf.messages import later

PLACES: Final = frozenset({"body", "query", "path", "header"})
"""Where FastAPI looked for a field; the name comes after it."""

_TEXT: Final = later("{param}: a text is needed.")
_WHOLE: Final = later("{param}: a whole number is needed.")
_NUMBER: Final = later("{param}: a number is needed.")
_FLAG: Final = later("{param}: true or false is needed.")
_LIST: Final = later("{param}: a list is needed.")
_OBJECT: Final = later("{param}: an object is needed.")
_KNOWN: Final = later("{param}: one of {expected} is needed.")
_SHORTEST: Final = later("{param}: it is too short, {min_length} is the least length.")
_LONGEST: Final = later("{param}: it is too long, {max_length} is the greatest length.")

REASONS: Final[dict[str, str]] = {
    "missing": later("{param}: it is missing."),
    "extra_forbidden": later("{param}: there is no such field."),
    "json_invalid": later("The body is not JSON."),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_short": _SHORTEST,
    "string_too_long": _LONGEST,
    "string_pattern_mismatch": later("{param}: the form {pattern} is needed."),
    "too_short": _SHORTEST,
    "too_long": _LONGEST,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "none_required": later("{param}: nothing may be given here."),
    "literal_error": _KNOWN,
    "enum": _KNOWN,
    "greater_than": later("{param}: more than {gt} is needed."),
    "greater_than_equal": later("{param}: at least {ge} is needed."),
    "less_than": later("{param}: less than {lt} is needed."),
    "less_than_equal": later("{param}: at most {le} is needed."),
}
"""Templates by type of pydantic's error; a type that is not here keeps pydantic's own words."""

OTHER: Final = later("{param}: {reason}.")


class Said(NamedTuple):
    """A template that was marked for translators where it stands."""

    message: str


def refusal(found: Mapping[str, Any]) -> InvalidRequestError:
    """The error for one entry of a ValidationError, of pydantic or of FastAPI."""
    place = tuple(found["loc"])
    place = place[1:] if place[:1] and place[0] in PLACES else place
    details = dict(found.get("ctx") or {})
    if "expected" in details:
        details["expected"] = str(details["expected"]).replace(" or ", ", ")
    details["param"] = ".".join(map(str, place)) or "body"
    details["reason"] = str(found["msg"]).rstrip(".")
    said = Said(REASONS.get(found["type"], OTHER))
    return InvalidRequestError(said.message, **details)
