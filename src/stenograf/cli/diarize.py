"""`stenograf diarize`: who speaks when, without words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stenograf.cli.options import EnginesCommand, run_options, speaker_options
from stenograf.cli.output import write_evidence, write_standard_output, write_whole
from stenograf.cli.progress import shown
from stenograf.cli.recordings import for_each, leave_if_none_opens, source_of


@click.command(cls=EnginesCommand, short_help="Who speaks when, without words.")
@click.argument("file", metavar="FILE")
@click.option(
    "--format",
    "-f",
    "format",
    type=click.Choice(["rttm", "json"]),
    default="rttm",
    show_default=True,
)
@click.option(
    "--output",
    "-o",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File for the result; standard output without it.",
)
@speaker_options
@run_options
def diarize(
    *,
    file: str,
    format: str,
    path: Path | None,
    quiet: bool,
    json_events: bool,
    keep_evidence: bool,
    **options: Any,
) -> None:
    """Who speaks when in FILE (`-` reads standard input), as RTTM or JSON."""
    from stenograf import app
    from stenograf.export import render
    from stenograf.pipeline import TranscribeOptions

    with shown(quiet=quiet, json_events=json_events) as show:
        asked = TranscribeOptions(**options)
        leave_if_none_opens([file], show)
        pipeline = app.prepare(asked, recognize=False, on_event=show.watch("models"))

        def work(argument: str) -> None:
            source, name = source_of(argument)
            transcript, evidence = pipeline.run_with_evidence(
                source, asked, name=name, on_event=show.watch(name)
            )
            content = render(transcript, format)
            with show.paused():
                if path is None:
                    write_standard_output(content)
                else:
                    write_whole(path, content)
                    if format == "json" and keep_evidence:
                        write_evidence(path, evidence)

        status = for_each([file], work, show)
    click.get_current_context().exit(status)
