"""`stenograf recluster`: another number of speakers, in two seconds and without the recording."""

from __future__ import annotations

from pathlib import Path

import click

from stenograf.cli.documents import (
    change_options,
    document_argument,
    evidence_option,
    read_document,
    read_evidence_of,
    write_changed,
)
from stenograf.cli.options import bounds_options, exclusive_option


@click.command(short_help="Another number of speakers, without the recording.")
@document_argument
@bounds_options
@exclusive_option
@evidence_option
@change_options
def recluster(
    *,
    document: Path,
    speakers: int | None,
    min_speakers: int | None,
    max_speakers: int | None,
    exclusive: bool,
    evidence: Path | None,
    output: Path | None,
    quiet: bool,
) -> None:
    """Tell the speakers of TRANSCRIPT.json apart again, from the voices kept beside it."""
    from stenograf.speakers import recluster as again

    transcript = again(
        read_document(document),
        read_evidence_of(document, evidence),
        speakers=speakers,
        min_speakers=min_speakers,
        max_speakers=max_speakers,
        exclusive=exclusive,
    )
    write_changed(transcript, output or document, quiet=quiet)
