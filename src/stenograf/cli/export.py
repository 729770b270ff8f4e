"""`stenograf export`: a stored transcript in other formats."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stenograf.cli.output import Outputs, parse_formats
from stenograf.core.errors import DocumentError, DocumentInvalidError
from stenograf.messages import translate


class _ExportCommand(click.Command):
    """Lists the formats at the end of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from stenograf.export import FORMATS

        with formatter.section(translate("Formats")):
            formatter.write_dl(
                [(name, translate(known.description)) for name, known in FORMATS.items()]
            )


@click.command(cls=_ExportCommand, short_help="A transcript in other formats.")
@click.argument("transcript", metavar="TRANSCRIPT.json")
@click.option(
    "--format",
    "-f",
    "formats",
    callback=parse_formats,
    required=True,
    metavar="LIST",
    help="Formats separated by commas.",
)
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the results; without it one text goes to standard output.",
)
@click.option("--quiet", "-q", is_flag=True, help="Only errors.")
def export(transcript: str, formats: tuple[str, ...], folder: Path | None, quiet: bool) -> None:
    """Write TRANSCRIPT.json (`-` reads standard input) in other formats."""
    from stenograf.export import read_json

    stem = "stdin" if transcript == "-" else Path(transcript).stem
    outputs = Outputs(folder, formats, stems={transcript: stem})
    outputs.check()
    outputs.write(transcript, read_json(_content(transcript)))
    outputs.report(quiet=quiet)


def _content(argument: str) -> bytes:
    if argument == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(argument).read_bytes()
    except FileNotFoundError as error:
        raise DocumentError("There is no file {path}.", path=argument) from error
    except (OSError, ValueError) as error:
        raise DocumentInvalidError(
            "{path} cannot be read: {reason}", path=argument, reason=error
        ) from error
