"""One error tree with stable codes."""

from __future__ import annotations

import pickle

import pytest

from stenograf.core.errors import AudioNotFoundError, StenografError, error_types


def test_codes_are_unique() -> None:
    """A program may tell two errors apart by code alone."""
    codes = [kind.code for kind in error_types()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", list(error_types()), ids=lambda kind: str(kind.__name__))
def test_every_error_says_what_to_do_next(kind: type[StenografError]) -> None:
    """A hint is a sentence, and the class is described."""
    assert kind.hint.endswith((".", "}"))
    assert kind.__doc__


def test_errors_cross_process_borders() -> None:
    """A worker's error arrives with its sentence, hint and details."""
    error = AudioNotFoundError("There is no file {path}.", path="a.wav", hint="Look at {path}.")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.advice) == (type(error), str(error), "Look at a.wav.")
