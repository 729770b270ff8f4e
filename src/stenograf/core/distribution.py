"""What pip calls us, for hints that name an extra."""

from __future__ import annotations

from typing import Final

DISTRIBUTION: Final = "stenograf-local"
"""The name of the package. Import and command are `stenograf`, which on PyPI is another program."""

INSTALL_EXTRA: Final = 'Run: pip install "{extra}"'
"""Hint of an error whose detail `extra` is `with_extra(...)`; these quotes hold in every shell."""


def with_extra(name: str) -> str:
    """What to give pip for one of our extras.

    >>> with_extra("offline")
    'stenograf-local[offline]'
    """
    return f"{DISTRIBUTION}[{name}]"
