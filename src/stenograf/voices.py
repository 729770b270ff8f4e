"""People who are known again: enrolled in a library, and named in transcripts.

The server's routes and the commands share this, so that both keep the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stenograf.core.errors import UnsupportedError, VoiceUnclearError
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Transcript
from stenograf.library import EnrolledVoice, Library, StoredTranscript
from stenograf.speakers import identify_speakers, voice_of


@dataclass(frozen=True, slots=True)
class Named:
    """A document with the speakers named who are known; `names` are the new ones by speaker id."""

    transcript: Transcript
    names: Mapping[str, str]


def enrol_clip(  # noqa: PLR0913  (each is a column)
    library: Library,
    name: str,
    clip: Transcript,
    evidence: SpeakerEvidence | None,
    *,
    file_name: str | None,
    key_id: str | None = None,
) -> EnrolledVoice:
    """The voice with one source more: a clip in which nobody else speaks, diarized.

    Raises VoiceUnclearError where nobody or too little is heard, and UnsupportedError for a
    diarizer that keeps no voices.
    """
    if not clip.speakers:
        raise VoiceUnclearError("Nobody speaks in {name}.", name=file_name)
    if evidence is None:
        raise UnsupportedError(
            "This diarizer keeps no voices that could be compared.",
            hint="Send a clip with one channel; the engines onnx and basic keep voices.",
        )
    vector, seconds = voice_of(clip, evidence, clip.speakers[0].id)
    return library.enrol_voice(
        name,
        model=evidence.model,
        vector=vector,
        seconds=seconds,
        file_name=file_name,
        key_id=key_id,
    )


def enrol_from_file(
    library: Library,
    name: str,
    document: Transcript,
    evidence: SpeakerEvidence,
    speaker: str,
) -> EnrolledVoice:
    """The voice with one source more: a speaker, by id or name, of a transcript in a file.

    Raises OptionError for a speaker who is not there, VoiceUnclearError for one who says too
    little, DocumentInvalidError for the evidence of another recording.
    """
    vector, seconds = voice_of(document, evidence, speaker)
    return library.enrol_voice(
        name,
        model=evidence.model,
        vector=vector,
        seconds=seconds,
        speaker=speaker,
        file_name=document.recording.name,
    )


def enrol_speaker(
    library: Library, name: str, recording_id: str, speaker: str, *, key_id: str | None = None
) -> EnrolledVoice:
    """The voice with one source more: a speaker, by id or name, of a recording of the library.

    Raises RecordingNotFoundError, TranscriptNotFoundError, UnsupportedError where no voices were
    kept, OptionError and VoiceUnclearError as `enrol_from_file`.
    """
    evidence = kept_voices(library, recording_id)
    document = library.transcript(recording_id).transcript
    vector, seconds = voice_of(document, evidence, speaker)
    return library.enrol_voice(
        name,
        model=evidence.model,
        vector=vector,
        seconds=seconds,
        recording_id=recording_id,
        speaker=speaker,
        key_id=key_id,
    )


def identify(library: Library, recording_id: str) -> tuple[StoredTranscript, Mapping[str, str]]:
    """The newest version with known speakers named, and the new names by speaker id.

    Without a new name there is no new version. Raises as `enrol_speaker`, and ConflictError where
    somebody else changed the transcript meanwhile.
    """
    evidence = kept_voices(library, recording_id)
    newest = library.transcript(recording_id)
    named = name_speakers(library, newest.transcript, evidence)
    if not named.names:
        return newest, {}
    saved = library.save_transcript(
        recording_id,
        named.transcript,
        made_by="edit",
        note="speakers named by enrolled voices",
        expected_version=newest.version,
    )
    return saved, named.names


def name_speakers(library: Library, document: Transcript, evidence: SpeakerEvidence) -> Named:
    """The document with each nameless speaker named who sounds like somebody enrolled.

    Doubt names nobody. Raises UnsupportedError where no enrolled voice compares with these.
    """
    after = identify_speakers(document, evidence, _comparable(library, evidence.model))
    names = {
        now.id: now.name
        for was, now in zip(document.speakers, after.speakers, strict=True)
        if now.name is not None and now.name != was.name
    }
    return Named(after, names)


def kept_voices(library: Library, recording_id: str) -> SpeakerEvidence:
    """What the recording's diarizer heard; raises UnsupportedError where nothing was kept."""
    found = library.evidence(recording_id)
    if found is None:
        raise UnsupportedError(
            "No voices were kept with this transcript.",
            hint="Submit a job with diarization for the recording.",
        )
    return found


def _comparable(library: Library, model: str) -> dict[str, list[tuple[float, ...]]]:
    """The vectors of each name that compare with those of the embedding model."""
    voices = library.voices()
    found = {
        voice.name: [source.vector for source in voice.sources if source.model == model]
        for voice in voices
    }
    comparable = {name: vectors for name, vectors in found.items() if vectors}
    if voices and not comparable:
        raise UnsupportedError(
            "No enrolled voice was taken with the embedding model {model} of this transcript.",
            hint="Enrol people from recordings that the same diarizer heard.",
            model=model,
        )
    return comparable
