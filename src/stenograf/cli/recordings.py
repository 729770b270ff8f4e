"""Several recordings in one call: each is worked on, whatever happened to the one before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from stenograf.cli.exit_codes import EXIT_SOME_FAILED, exit_code
from stenograf.cli.messages import print_error
from stenograf.cli.progress import Show
from stenograf.core.errors import CancelledError, StenografError

STANDARD_INPUT = "-"


def source_of(argument: str) -> tuple[Path | BinaryIO, str]:
    """What to decode and what to call it: `-` is standard input."""
    if argument == STANDARD_INPUT:
        return sys.stdin.buffer, "stdin"
    path = Path(argument)
    return path, path.name or argument


def for_each(arguments: Sequence[str], work: Callable[[str], None], show: Show) -> int:
    """Do the work for every argument; returns the exit status and sums failures up."""
    failed: list[tuple[str, StenografError]] = []
    for argument in arguments:
        try:
            work(argument)
        except CancelledError:
            raise
        except StenografError as error:
            with show.paused():
                print_error(error, subject=argument)
            failed.append((argument, error))
    if not failed:
        return 0
    if len(arguments) == 1:
        return exit_code(failed[0][1])
    click.echo(f"{len(failed)} of {len(arguments)} recordings failed:", err=True)
    for argument, failure in failed:
        click.echo(f"  {argument} ({failure.code})", err=True)
    return EXIT_SOME_FAILED


def unique_stems(names: Sequence[str]) -> Iterator[str]:
    """A name for each recording's files, so that none overwrites another of the same call.

    >>> list(unique_stems(["a/call.mp3", "b/call.wav", "note.ogg"]))
    ['call', 'call-2', 'note']
    """
    taken: dict[str, int] = {}
    for name in names:
        stem = "stdin" if name == STANDARD_INPUT else Path(name).stem or "recording"
        taken[stem] = taken.get(stem, 0) + 1
        yield stem if taken[stem] == 1 else f"{stem}-{taken[stem]}"
