"""`stenograf export`: a stored transcript in other formats."""

from __future__ import annotations

from pathlib import Path

import click

from stenograf.cli.documents import read_document
from stenograf.cli.options import folder_option, write_formats
from stenograf.cli.output import Outputs, parse_formats


class _ExportCommand(click.Command):
    """Lists the formats of transcripts."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """At the end of its help."""
        from stenograf.export import FORMATS

        write_formats(formatter, FORMATS.values())


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
@folder_option
@click.option("--quiet", "-q", is_flag=True, help="Only errors.")
def export(transcript: str, formats: tuple[str, ...], folder: Path | None, quiet: bool) -> None:
    """Write TRANSCRIPT.json (`-` reads standard input) in other formats."""
    stem = "stdin" if transcript == "-" else Path(transcript).stem
    outputs = Outputs(folder, formats, stems={transcript: stem})
    outputs.check()
    outputs.write(transcript, read_document(transcript))
    outputs.report(quiet=quiet)
