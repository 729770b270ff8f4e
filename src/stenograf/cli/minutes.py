"""`stenograf minutes`: what a meeting was about, from its stored transcript."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stenograf.cli.documents import read_document
from stenograf.cli.options import folder_option, show_options, write_formats
from stenograf.cli.output import Outputs, names_in
from stenograf.cli.progress import shown
from stenograf.core.events import NoticeRaised

if TYPE_CHECKING:
    from stenograf.minutes import MinutesFormat


def _format_named(name: str) -> MinutesFormat:
    from stenograf.minutes.formats import format_named

    return format_named(name)


def _parse_formats(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_format_named(name).name for name in names_in(value or "")))


class _MinutesCommand(click.Command):
    """Lists the formats of minutes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """At the end of its help."""
        from stenograf.minutes import FORMATS

        write_formats(formatter, FORMATS.values())


@click.command(cls=_MinutesCommand, short_help="Minutes of a meeting, from its transcript.")
@click.argument("transcript", metavar="TRANSCRIPT.json")
@click.option(
    "--format",
    "-f",
    "formats",
    callback=_parse_formats,
    metavar="LIST",
    help="Formats separated by commas.",
)
@folder_option
@click.option(
    "--method",
    type=click.Choice(["auto", "extractive", "model"]),
    default="auto",
    show_default=True,
    help="Sentences of the transcript, or a language model's; auto takes the model if one is set.",
)
@click.option("--title", metavar="TEXT", help="What heads them instead of the recording's name.")
@click.option("--date", metavar="TEXT", help="The day of the meeting, printed as it is given.")
@click.option(
    "--max-points",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    metavar="N",
    help="At most N points for each topic.",
)
@click.option("--offline", is_flag=True, help="Ask no language model on another machine.")
@show_options
def minutes(
    *,
    transcript: str,
    formats: tuple[str, ...],
    folder: Path | None,
    quiet: bool,
    json_events: bool,
    **options: Any,
) -> None:
    """Write what was decided, what is to be done and what TRANSCRIPT.json was about.

    `-` reads standard input.
    """
    from stenograf.minutes import render
    from stenograf.minuting import make_minutes

    stem = "stdin" if transcript == "-" else Path(transcript).stem
    outputs = Outputs(folder, formats, stems={transcript: stem}, named=_format_named)
    with shown(quiet=quiet, json_events=json_events) as show:
        outputs.check()
        tell = show.watch(transcript)
        made = make_minutes(read_document(transcript), on_event=tell, **options)
        for notice in made.notices:
            tell(NoticeRaised(notice))
        with show.paused():
            list(outputs.put(transcript, partial(render, made)))
    outputs.report(quiet=quiet or json_events)
