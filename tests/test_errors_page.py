"""docs/errors.md follows the code."""

from __future__ import annotations

from tools import errors

from stenograf.api.status import http_status
from stenograf.cli.exit_codes import exit_code
from stenograf.core.errors import AudioTooLongError, DiskFullError, StenografError


def test_the_page_is_fresh() -> None:
    """Run `python -m tools.errors` after a change of the error tree."""
    assert errors.PAGE.read_text(encoding="utf-8") == errors.page()


def test_codes_are_unique_but_inherited() -> None:
    """A code that two unrelated classes share would not be stable."""
    owners: dict[str, type[StenografError]] = {}
    for kind in errors.core_errors():
        assert issubclass(kind, owners.setdefault(kind.code, kind))


def test_status_follows_the_nearest_class() -> None:
    """The page and the command line agree on exit codes; the nearest class decides on HTTP."""
    assert http_status(AudioTooLongError) == 413
    assert http_status(DiskFullError) == 507
    assert http_status(StenografError) == 500
    for kind in errors.core_errors():
        assert errors.exit_code(kind) == exit_code(kind("No."))
