"""Stored transcripts, the evidence beside them, and changing them in place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stenograf.cli.output import evidence_beside, write_whole
from stenograf.core.errors import DocumentError, DocumentInvalidError
from stenograf.core.transcript import Transcript
from stenograf.messages import translate

if TYPE_CHECKING:
    from stenograf.core.evidence import SpeakerEvidence

Command = TypeVar("Command", bound=Callable[..., Any])

STANDARD_INPUT = "-"


def document_argument(command: Command) -> Command:
    """The transcript that a command changes."""
    return click.argument(
        "document", metavar="TRANSCRIPT.json", type=click.Path(path_type=Path, dir_okay=False)
    )(command)


def change_options(command: Command) -> Command:
    """Where the changed transcript goes."""
    output = click.option(
        "--output",
        "-o",
        "output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="File for the result; the transcript is replaced without it.",
    )
    quiet = click.option("--quiet", "-q", is_flag=True, help="Only errors.")
    return output(quiet(command))


def evidence_option(command: Command) -> Command:
    """The voices that a diarization kept."""
    return click.option(
        "--evidence",
        "evidence",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Voices kept by the diarization; by default the .speakers.npz beside the transcript.",
    )(command)


def read_document(argument: str | Path) -> Transcript:
    """The transcript in a file, or on standard input for `-`."""
    from stenograf.export import read_json

    return read_json(content_of(argument))


def read_evidence_of(document: Path, evidence: Path | None) -> SpeakerEvidence:
    """The evidence given, or the one beside the document."""
    from stenograf.export import read_evidence

    path = evidence or evidence_beside(document)
    if not path.is_file():
        raise DocumentError(
            "There is no file {path}.",
            hint="`transcribe -f json -o DIR` writes it beside the transcript; give --evidence "
            "where it lies elsewhere. The engines channels and pyannote keep no voices: run again "
            "with --speakers N.",
            path=path,
        )
    return read_evidence(content_of(path))


def write_changed(transcript: Transcript, path: Path, *, quiet: bool) -> None:
    """Write a document and show its speakers."""
    from stenograf.export import to_json

    write_whole(path, to_json(transcript))
    if not quiet:
        show_speakers(transcript)
        click.echo(translate("wrote {path}").format(path=path), err=True)


def show_speakers(transcript: Transcript) -> None:
    """A line per speaker: id, minutes and seconds of turns, number of words, name, role."""
    seconds = dict.fromkeys((speaker.id for speaker in transcript.speakers), 0.0)
    words = dict.fromkeys(seconds, 0)
    for turn in transcript.turns:
        seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + turn.span.duration
    for word in transcript.words:
        if word.speaker is not None:
            words[word.speaker] = words.get(word.speaker, 0) + 1
    for speaker in transcript.speakers:
        minutes, rest = divmod(round(seconds[speaker.id]), 60)
        names = "\t".join(filter(None, (speaker.name, speaker.role)))
        line = f"{speaker.id}\t{minutes}:{rest:02d}\t{words[speaker.id]}\t{names}"
        click.echo(line.rstrip())
    if not transcript.speakers:
        click.echo(translate("This transcript names no speakers."), err=True)


def content_of(argument: str | Path) -> bytes:
    """The bytes of a file, or of standard input for `-`; raises DocumentError."""
    if argument == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(argument).read_bytes()
    except FileNotFoundError as error:
        raise DocumentError("There is no file {path}.", path=argument) from error
    except (OSError, ValueError) as error:
        raise DocumentInvalidError(
            "{path} cannot be read: {reason}", path=argument, reason=error
        ) from error
