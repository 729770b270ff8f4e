"""What the shell learns from a failure."""

from __future__ import annotations

from typing import Final

from stenograf.core.errors import (
    AddressError,
    AudioError,
    CancelledError,
    DocumentError,
    EngineError,
    EvaluationError,
    LanguageModelError,
    LibraryError,
    ModelError,
    OptionError,
    OutputError,
    StenografError,
)

EXIT_SOME_FAILED: Final = 1
"""Several recordings were given and not all of them worked; also an internal fault."""

EXIT_CODES: Final[dict[type[StenografError], int]] = {
    OptionError: 2,  # as every command line: the call itself is wrong
    AudioError: 3,
    ModelError: 4,
    EngineError: 5,
    DocumentError: 6,
    OutputError: 7,
    EvaluationError: 8,
    LibraryError: 9,
    LanguageModelError: 10,
    AddressError: 10,
    CancelledError: 130,  # 128 + SIGINT
}


def exit_code(error: StenografError) -> int:
    """The exit status of a command that ended with this error.

    >>> exit_code(OptionError("No."))
    2
    """
    for kind, code in EXIT_CODES.items():
        if isinstance(error, kind):
            return code
    return EXIT_SOME_FAILED
