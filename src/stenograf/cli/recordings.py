"""Several recordings in one call: each is worked on, whatever happened to the one before."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from stenograf.cli.exit_codes import EXIT_SOME_FAILED, exit_code
from stenograf.cli.progress import Show
from stenograf.core.errors import AudioError, CancelledError, StenografError

STANDARD_INPUT = "-"


def source_of(argument: str) -> tuple[Path | BinaryIO, str]:
    """What to decode and what to call it: `-` is standard input."""
    if argument == STANDARD_INPUT:
        return sys.stdin.buffer, "stdin"
    path = Path(argument)
    return path, path.name or argument


def leave_if_none_opens(arguments: Sequence[str], show: Show) -> None:
    """Report and leave where there is nothing to work on, before a model is fetched for it."""
    if not any(map(_opens, arguments)):
        raise click.exceptions.Exit(for_each(arguments, _check, show))


def _opens(argument: str) -> bool:
    try:
        _check(argument)
    except AudioError:
        return False
    return True


def _check(argument: str) -> None:
    from stenograf.audio.source import check_file

    if argument != STANDARD_INPUT:
        check_file(Path(argument))


def for_each(arguments: Sequence[str], work: Callable[[str], None], show: Show) -> int:
    """Do the work for every argument; returns the exit status and sums failures up."""
    failed: list[tuple[str, StenografError]] = []
    for argument in arguments:
        try:
            work(argument)
        except (CancelledError, BrokenPipeError):
            raise
        except StenografError as error:
            show.failed(argument, error)
            failed.append((argument, error))
        except Exception as error:  # noqa: BLE001 - our own fault must not stop the others
            with show.paused():
                traceback.print_exc()
            fault = _fault(error)
            show.failed(argument, fault)
            failed.append((argument, fault))
    if not failed:
        return 0
    if len(arguments) == 1:
        return exit_code(failed[0][1])
    show.sum_up(failed, n_recordings=len(arguments))
    return EXIT_SOME_FAILED


def _fault(error: Exception) -> StenografError:
    return StenografError("Unexpected: {reason}", reason=f"{type(error).__name__}: {error}")


def unique_stems(arguments: Sequence[str]) -> dict[str, str]:
    """A name for each recording's files, so that none overwrites another of the same call.

    Names that differ in case alone are one file on Windows and macOS.

    >>> unique_stems(["a/call.mp3", "b/Call.wav", "note.ogg"])
    {'a/call.mp3': 'call', 'b/Call.wav': 'Call-2', 'note.ogg': 'note'}
    """
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for argument in arguments:
        stem = "stdin" if argument == STANDARD_INPUT else Path(argument).stem or "recording"
        number, free = 1, stem
        while free.casefold() in taken:
            number += 1
            free = f"{stem}-{number}"
        taken.add(free.casefold())
        stems[argument] = free
    return stems
