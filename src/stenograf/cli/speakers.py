"""`stenograf speakers`: name, merge and split the speakers of a stored transcript."""

from __future__ import annotations

from pathlib import Path

import click

from stenograf.cli.documents import (
    change_options,
    document_argument,
    evidence_option,
    read_document,
    read_evidence_of,
    show_speakers,
    write_changed,
)
from stenograf.cli.keys import data_dir_option, library_in
from stenograf.messages import translate


@click.group(short_help="Name, merge and split the speakers of a transcript.")
def speakers() -> None:
    """Name, merge and split the speakers of a transcript.

    A speaker is given by id (SPEAKER_00) or by name. Ids are numbered anew by first speech after
    a merge or a split.
    """


@speakers.command("list", short_help="Who speaks, for how long.")
@click.argument("document", metavar="TRANSCRIPT.json")
def list_speakers(document: str) -> None:
    """Each speaker's id, time, number of words, name and role; `-` reads standard input."""
    show_speakers(read_document(document))


@speakers.command(short_help="Give a speaker a name or a role.")
@document_argument
@click.argument("speaker")
@click.argument("name", required=False)
@click.option("--role", metavar="TEXT", help="What the speaker is there, for example moderator.")
@change_options
def rename(
    *,
    document: Path,
    speaker: str,
    name: str | None,
    role: str | None,
    output: Path | None,
    quiet: bool,
) -> None:
    """Call SPEAKER by NAME; an empty text ("") takes the name or role away."""
    from stenograf.attribution import rename_speaker

    transcript = rename_speaker(read_document(document), speaker, name=name, role=role)
    write_changed(transcript, output or document, quiet=quiet)


@speakers.command(short_help="Name known people.")
@document_argument
@evidence_option
@change_options
@data_dir_option
def identify(
    *,
    document: Path,
    evidence: Path | None,
    output: Path | None,
    quiet: bool,
    data_dir: Path | None,
) -> None:
    """Name the nameless speakers of TRANSCRIPT.json who are enrolled (see `stenograf voices`).

    The voices kept beside the transcript are compared with the enrolled ones; doubt names nobody.
    """
    from stenograf.voices import name_speakers

    heard, found = read_evidence_of(document, evidence), read_document(document)
    with library_in(data_dir) as library:
        named = name_speakers(library, found, heard)
    if named.names or output is not None:
        write_changed(named.transcript, output or document, quiet=quiet)
    if not named.names:
        click.echo(translate("Nobody was named."), err=True)


@speakers.command(short_help="Make two speakers one.")
@document_argument
@click.argument("speaker")
@click.option("--into", required=True, metavar="SPEAKER", help="Who both of them are.")
@change_options
def merge(document: Path, speaker: str, into: str, output: Path | None, quiet: bool) -> None:
    """Give everything that SPEAKER said to another speaker."""
    from stenograf.attribution import merge_speakers

    transcript = merge_speakers(read_document(document), speaker, into=into)
    write_changed(transcript, output or document, quiet=quiet)


@speakers.command(short_help="Take one speaker apart.")
@document_argument
@click.argument("speaker")
@click.option(
    "--parts",
    type=click.IntRange(2),
    default=2,
    show_default=True,
    metavar="N",
    help="How many people were heard as one.",
)
@evidence_option
@change_options
def split(
    *,
    document: Path,
    speaker: str,
    parts: int,
    evidence: Path | None,
    output: Path | None,
    quiet: bool,
) -> None:
    """Share what SPEAKER said among several speakers, by voice."""
    from stenograf.speakers import split_speaker

    transcript = split_speaker(
        read_document(document), read_evidence_of(document, evidence), speaker, parts=parts
    )
    write_changed(transcript, output or document, quiet=quiet)
