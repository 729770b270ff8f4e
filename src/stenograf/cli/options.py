"""Options that several commands share; their names are those of TranscribeOptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stenograf.messages import translate

if TYPE_CHECKING:
    from stenograf.export.formats import FileKind

Command = TypeVar("Command", bound=Callable[..., Any])


def _stack(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def speaker_options(command: Command) -> Command:
    """How speakers are told apart, and how many there are."""
    return _stack(
        click.option(
            "--diarizer",
            metavar="ENGINE",
            default="auto",
            show_default=True,
            help="Engine that tells speakers apart; listed below.",
        ),
        bounds_options,
        exclusive_option,
        click.option(
            "--no-evidence",
            "keep_evidence",
            flag_value=False,
            default=True,
            help="Leave out the .speakers.npz file that `recluster` needs.",
        ),
    )(command)


def bounds_options(command: Command) -> Command:
    """How many speakers there are, as far as the caller knows."""
    return _stack(
        click.option(
            "--speakers",
            type=click.IntRange(1),
            metavar="N",
            help="Exact number of speakers, when you know it.",
        ),
        click.option("--min-speakers", type=click.IntRange(1), metavar="N", help="At least N."),
        click.option("--max-speakers", type=click.IntRange(1), metavar="N", help="At most N."),
    )(command)


def exclusive_option(command: Command) -> Command:
    """Whether turns may overlap in the result."""
    return click.option(
        "--exclusive",
        is_flag=True,
        help="Turns never overlap: who began first keeps the floor.",
    )(command)


def run_options(command: Command) -> Command:
    """Where it runs and how it is shown."""
    return _stack(
        click.option(
            "--device",
            type=click.Choice(["auto", "cpu", "cuda"]),
            default="auto",
            show_default=True,
            help="Where models run.",
        ),
        click.option(
            "--isolate/--no-isolate",
            default=True,
            show_default=True,
            help="Run each engine in a process of its own, whose crash is an error and no more.",
        ),
        click.option("--strict", is_flag=True, help="Refuse recordings that are damaged."),
        click.option("--offline", is_flag=True, help="Never open a network connection."),
        show_options,
    )(command)


def show_options(command: Command) -> Command:
    """How the work is shown."""
    return _stack(
        click.option("--quiet", "-q", is_flag=True, help="No progress, only errors."),
        click.option(
            "--json-events",
            is_flag=True,
            help="Progress as one JSON object per line on standard error.",
        ),
    )(command)


def folder_option(command: Command) -> Command:
    """Where results in several formats go."""
    return click.option(
        "--output",
        "-o",
        "folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the results; without it one text goes to standard output.",
    )(command)


def write_formats(formatter: click.HelpFormatter, known: Iterable[FileKind]) -> None:
    """The name and the use of each format, at the end of a command's help."""
    with formatter.section(translate("Formats")):
        formatter.write_dl([(each.name, translate(each.description)) for each in known])


class EnginesCommand(click.Command):
    """Lists the engines at the end of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names that --engine, where the command has it, and --diarizer take."""
        from stenograf.app import DIARIZERS, RECOGNIZERS

        known = {"engine": list(RECOGNIZERS), "diarizer": list(DIARIZERS)}
        options = {parameter.name for parameter in self.params}
        rows = [(f"--{name}", ", ".join(known[name])) for name in known if name in options]
        with formatter.section(translate("Engines")):
            formatter.write_dl(rows)
