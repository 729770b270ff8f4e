"""The scorers of the field, brought in when one is needed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import EngineUnavailableError


@contextmanager
def scorer(package: str) -> Iterator[None]:
    """A block that imports and calls `package`, silently.

    A missing package raises EngineUnavailableError with the way to install it. Warnings are
    muted: they speak to programmers of the package, and what matters to a user is checked here.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ModuleNotFoundError as error:
        raise EngineUnavailableError(
            "This score needs the package {package}, which is not installed.",
            hint=INSTALL_EXTRA,
            extra=with_extra("evaluate"),
            package=package,
        ) from error
