"""`stenograf transcribe`: recordings in, documents out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stenograf.cli.options import EnginesCommand, folder_option, run_options, speaker_options
from stenograf.cli.output import Outputs, parse_formats
from stenograf.cli.progress import shown
from stenograf.cli.recordings import for_each, leave_if_none_opens, source_of, unique_stems


@click.command(cls=EnginesCommand, short_help="Who said what, when.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@folder_option
@click.option(
    "--format",
    "-f",
    "formats",
    callback=parse_formats,
    metavar="LIST",
    help="Formats separated by commas: txt, md, json, srt, vtt, docx ... (see `export --help`).",
)
@click.option(
    "--preset",
    type=click.Choice(["speed", "balanced", "quality"]),
    help="Whisper tiny, small or medium in large batches; other options override it.",
)
@click.option(
    "--engine",
    metavar="ENGINE",
    default="auto",
    show_default=True,
    help="Engine that finds the words; listed below.",
)
@click.option("--model", metavar="NAME|PATH", help="Model of the engine, for example small.")
@click.option("--language", "-l", metavar="CODE", help="Language, for example en or ru.")
@click.option(
    "--languages",
    metavar="LIST",
    help="Languages to choose between when none is named, for example ru,en.",
)
@click.option("--multilingual", is_flag=True, help="Let each block of speech have its language.")
@click.option(
    "--task",
    type=click.Choice(["transcribe", "translate"]),
    default="transcribe",
    show_default=True,
    help="Keep the language, or translate into English.",
)
@click.option("--prompt", metavar="TEXT", help="Text that the recording might follow.")
@click.option("--hotwords", metavar="TEXT", help="Names and terms to listen for.")
@click.option(
    "--beam-size",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Guesses followed at once; more takes longer.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    metavar="N",
    help="Blocks of speech recognized at once; the device decides when it is left out.",
)
@click.option(
    "--guards",
    metavar="LIST",
    default="all",
    show_default=True,
    help="Checks of the words: all, none, or some names, separated by commas.",
)
@click.option("--compute-type", metavar="TYPE", help="For example int8 or float16.")
@click.option(
    "--align",
    type=click.Choice(["attention", "ctc"]),
    default="attention",
    show_default=True,
    help="Times of words by the recognizer, or exact ones by a CTC model.",
)
@click.option("--align-model", metavar="NAME|PATH", help="Another CTC model, in ONNX.")
@click.option("--no-diarize", "diarize", flag_value=False, default=True, help="Words only.")
@speaker_options
@run_options
def transcribe(
    *,
    files: tuple[str, ...],
    folder: Path | None,
    formats: tuple[str, ...],
    quiet: bool,
    json_events: bool,
    keep_evidence: bool,
    **options: Any,
) -> None:
    """Who said what, when: transcribe each FILE (`-` reads standard input)."""
    from stenograf import app

    files = tuple(dict.fromkeys(files))
    outputs = Outputs(folder, formats, stems=unique_stems(files))
    with shown(quiet=quiet, json_events=json_events) as show:
        asked = app.options_from(**options)
        outputs.check()
        leave_if_none_opens(files, show)
        pipeline = app.prepare(asked, on_event=show.watch("models"))

        def work(argument: str) -> None:
            source, name = source_of(argument)
            transcript, evidence = pipeline.run_with_evidence(
                source, asked, name=name, on_event=show.watch(name)
            )
            with show.paused():
                outputs.write(argument, transcript, evidence if keep_evidence else None)

        status = for_each(files, work, show)
    outputs.report(quiet=quiet or json_events)
    click.get_current_context().exit(status)
