"""The home folder of the user, who may have none: in a container, or started by a bare system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stenograf.core.errors import HomeUnknownError


@contextmanager
def home_needed() -> Iterator[None]:
    """Run a block that asks for the home folder; raises HomeUnknownError where there is none.

    `pathlib` and `platformdirs` raise a bare RuntimeError without HOME and an entry for the user.
    """
    try:
        yield
    except RuntimeError as error:
        raise HomeUnknownError("The home folder of this user is unknown.") from error


def expanded(path: str | Path) -> Path:
    """The path with `~` and `~somebody` replaced by their folders. Raises HomeUnknownError."""
    with home_needed():
        return Path(path).expanduser()
