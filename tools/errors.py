"""Write docs/errors.md from the error tree.

python -m tools.errors            write the page
python -m tools.errors --check    exit status 1 when the page is stale
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from stenograf.api.status import http_status
from stenograf.cli.exit_codes import EXIT_CODES, EXIT_SOME_FAILED
from stenograf.core.errors import StenografError, error_types

PAGE: Final = Path(__file__).parent.parent / "docs" / "errors.md"

HEAD: Final = f"""# Errors

Everything that Stenograf raises on purpose has a stable code, a sentence and a hint.

- The command line prints all three and ends with the exit code below. 0 means that all went well,
  {EXIT_SOME_FAILED} that some of several recordings failed, or that the fault is ours.
- Python raises the class from `stenograf.core.errors`; `error.details` holds the values that the
  sentence mentions.
- The HTTP status is what a server in front of it should answer.

Sentence and hint come in English and Russian: `STENOGRAF_LANG`, else the locale, decides. Some
errors carry a more precise hint than the one here.

This page is written by `python -m tools.errors`.

| code | meaning | hint | class | HTTP | exit |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    return HEAD + "".join(_row(kind) for kind in core_errors())


def core_errors() -> list[type[StenografError]]:
    """The classes of the tree, without what plugins and tests may have added."""
    return [kind for kind in error_types() if kind.__module__ == StenografError.__module__]


def exit_code(kind: type[StenografError]) -> int:
    """The exit status of a command that ends with this class."""
    codes = (code for base, code in EXIT_CODES.items() if issubclass(kind, base))
    return next(codes, EXIT_SOME_FAILED)


def _row(kind: type[StenografError]) -> str:
    meaning = (kind.__doc__ or "").splitlines()[0]
    cells = [f"`{kind.code}`", meaning, kind.hint, f"`{kind.__name__}`"]
    numbers = [str(http_status(kind)), str(exit_code(kind))]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells + numbers) + " |\n"


def main(arguments: list[str]) -> int:
    """Run as a command; returns the exit status."""
    if "--check" not in arguments:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
        return 0
    if PAGE.read_text(encoding="utf-8") != page():
        print("docs/errors.md is stale: run `python -m tools.errors`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
