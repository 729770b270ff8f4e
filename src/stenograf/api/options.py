"""The options of a job as JSON: the fields of TranscribeOptions, checked before they are queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from stenograf.api.reasons import refusal
from stenograf.core.errors import InvalidRequestError
from stenograf.pipeline import TranscribeOptions

OURS: Final = frozenset({"isolate", "offline"})
"""What the server decides, whoever asks."""


def _fields() -> dict[str, Any]:
    hints = get_type_hints(TranscribeOptions)
    return {
        each.name: (hints[each.name], ... if each.default is MISSING else each.default)
        for each in fields(TranscribeOptions)
        if each.name not in OURS
    }


Options: Final[type[BaseModel]] = create_model(
    "Options",
    __config__=ConfigDict(extra="forbid"),
    __doc__="How to transcribe: the options of `stenograf transcribe`, under the same names.",
    **_fields(),
)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as JSON, without those left open.

    Raises InvalidRequestError for a name or a type that is wrong, OptionError where they
    contradict each other.

    >>> checked({"speakers": 2, "language": None})
    {'speakers': 2}
    """
    asked = {name: value for name, value in given.items() if value is not None}
    try:
        model = Options.model_validate(asked)
    except ValidationError as error:
        raise broken(error) from None
    TranscribeOptions(**{name: getattr(model, name) for name in model.model_fields_set})
    return model.model_dump(mode="json", exclude_unset=True)


def broken(error: ValidationError) -> InvalidRequestError:
    """The first thing that is wrong; values are left out, they may be secrets."""
    return refusal(error.errors(include_input=False, include_url=False)[0])
