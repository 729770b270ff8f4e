"""`stenograf voices`: people who are known again in other recordings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stenograf.cli.documents import evidence_option, read_document, read_evidence_of
from stenograf.cli.keys import data_dir_option, library_in
from stenograf.cli.options import EnginesCommand, run_options
from stenograf.cli.progress import shown
from stenograf.cli.recordings import leave_if_none_opens, source_of
from stenograf.core.errors import OptionError, VoiceNotFoundError
from stenograf.messages import translate

if TYPE_CHECKING:
    from stenograf.cli.progress import Show
    from stenograf.core.evidence import SpeakerEvidence
    from stenograf.core.transcript import Transcript
    from stenograf.library import EnrolledVoice, Library


@click.group(short_help="People who are known again in other recordings.")
def voices() -> None:
    """People who are known again: enrolled, listed, forgotten, named in recordings of the library.

    They are those of the server: GET /api/v1/voices lists the same. `stenograf speakers identify`
    names them in a transcript that is a file.
    """


@voices.command("list", short_help="Who is enrolled.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir_option
def list_(as_json: bool, data_dir: Path | None) -> None:
    """Each person's id and name, and the id, length and origin of each source of their voice."""
    with library_in(data_dir) as library:
        found = library.voices()
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False, indent=2))
        return
    for voice in found:
        click.echo(f"{voice.id}  {voice.name}")
        for source in voice.sources:
            origin = " ".join(filter(None, (source.recording_id, source.file_name, source.speaker)))
            click.echo(f"  {source.id}  {source.seconds:.1f} s  {source.model}  {origin}")


@voices.command(cls=EnginesCommand, short_help="Keep how somebody sounds.")
@click.argument("name")
@click.argument("clip", required=False)
@click.option("--recording", metavar="ID", help="A recording of the library, instead of a clip.")
@click.option(
    "--transcript",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="TRANSCRIPT.json",
    help="A transcript in a file, instead of a clip.",
)
@click.option("--speaker", metavar="SPEAKER", help="Who of them it is, by id or by name.")
@evidence_option
@click.option(
    "--diarizer",
    metavar="ENGINE",
    default="auto",
    show_default=True,
    help="Engine that hears the clip; voices of two engines do not compare.",
)
@run_options
@data_dir_option
def enrol(
    *,
    name: str,
    clip: str | None,
    recording: str | None,
    transcript: Path | None,
    speaker: str | None,
    evidence: Path | None,
    data_dir: Path | None,
    quiet: bool,
    json_events: bool,
    **options: Any,
) -> None:
    """Keep how NAME sounds, from a CLIP in which only they speak (`-` reads standard input).

    Ten seconds or more are good, two are the least. Instead of a clip, --recording or --transcript
    with --speaker takes a speaker whom you have listened to. The same name again adds a source.
    """
    from stenograf import voices as known

    _check_ways(clip, recording, transcript, speaker)
    with shown(quiet=quiet, json_events=json_events) as show, library_in(data_dir) as library:
        if recording is not None:
            voice = known.enrol_speaker(library, name, recording, str(speaker))
        elif transcript is not None:
            voices = read_evidence_of(transcript, evidence)
            document = read_document(transcript)
            voice = known.enrol_from_file(library, name, document, voices, str(speaker))
        else:
            document, heard = _heard(str(clip), show, options)
            called = document.recording.name
            voice = known.enrol_clip(library, name, document, heard, file_name=called)
    added = voice.sources[-1]
    click.echo(f"{voice.id}  {voice.name}  {added.id}  {added.seconds:.1f} s")


@voices.command(short_help="Forget somebody's voice.")
@click.argument("voice", metavar="VOICE")
@click.option("--source", metavar="ID", help="Take back this one source only.")
@data_dir_option
def forget(voice: str, source: str | None, data_dir: Path | None) -> None:
    """Forget VOICE, an id or a name, with all of its sources; names in transcripts stay."""
    with library_in(data_dir) as library:
        meant = _voice(library, voice)
        if source is None:
            library.delete_voice(meant.id)
        else:
            library.delete_voice_source(meant.id, source)
    click.echo(translate("Forgot {name}.").format(name=source or meant.name))


@voices.command(short_help="Name known people in a recording.")
@click.argument("recording", metavar="RECORDING")
@data_dir_option
def identify(recording: str, data_dir: Path | None) -> None:
    """Name the nameless speakers of a recording of the library who are enrolled.

    RECORDING is its id. Doubt names nobody; new names make a new version of the transcript.
    """
    from stenograf import voices as known

    with library_in(data_dir) as library:
        _, names = known.identify(library, recording)
    for speaker, name in names.items():
        click.echo(f"{speaker}\t{name}")
    if not names:
        click.echo(translate("Nobody was named."), err=True)


def _check_ways(
    clip: str | None, recording: str | None, transcript: Path | None, speaker: str | None
) -> None:
    ways = [way for way in (clip, recording, transcript) if way is not None]
    if len(ways) != 1 or (clip is None) != (speaker is not None):
        raise OptionError(
            "A voice comes from a clip, or from one speaker of a recording or a transcript.",
            hint="Give a clip, or --speaker with --recording or --transcript.",
        )


def _heard(
    clip: str, show: Show, options: dict[str, Any]
) -> tuple[Transcript, SpeakerEvidence | None]:
    """The clip as the server hears it: one person speaks."""
    from stenograf import app
    from stenograf.pipeline import TranscribeOptions

    asked = TranscribeOptions(speakers=1, **options)
    leave_if_none_opens([clip], show)
    source, name = source_of(clip)
    pipeline = app.prepare(asked, recognize=False, on_event=show.watch("models"))
    return pipeline.run_with_evidence(source, asked, name=name, on_event=show.watch(name))


def _voice(library: Library, given: str) -> EnrolledVoice:
    """The one that is meant, by id or by name; raises VoiceNotFoundError."""
    found = [each for each in library.voices() if given in {each.id, each.name}]
    if not found:
        raise VoiceNotFoundError("There is no voice {id}.", id=given)
    return found[0]


def _plain(voice: EnrolledVoice) -> dict[str, Any]:
    """As the server's routes show it: the vectors stay inside."""
    shown_voice = asdict(voice)
    for source in shown_voice["sources"]:
        del source["vector"]
    return shown_voice
