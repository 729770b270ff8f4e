"""Speakers of a finished document told apart again, from the evidence its diarizer kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from stenograf.attribution import exclusive as without_overlap
from stenograf.attribution import find_speaker, reclustered, rename_speaker, replace_turns
from stenograf.core.errors import (
    DocumentInvalidError,
    EngineUnavailableError,
    OptionError,
    VoiceUnclearError,
)
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarization
from stenograf.core.span import total_duration
from stenograf.core.transcript import Transcript

MIN_VOICE_S: Final = 2.0
"""The least that OpenAI's audio API takes for a known speaker."""

Reclusterer: TypeAlias = Callable[[SpeakerEvidence, DiarizationOptions], Diarization]


def recluster(  # noqa: PLR0913  (each is an option of the command)
    transcript: Transcript,
    evidence: SpeakerEvidence,
    *,
    speakers: int | None = None,
    min_speakers: int | None = None,
    max_speakers: int | None = None,
    exclusive: bool = False,
) -> Transcript:
    """The document with its speakers told apart again, as a fresh run with these bounds would.

    Takes no sound and no model, only the evidence kept from the first run. Names and roles go to
    the new speakers who share most time with those who had them; merges and splits are undone.
    `exclusive` lets turns overlap nowhere: who began first keeps the floor.

    Raises OptionError for bounds that contradict each other, UnsupportedError where the evidence
    holds too little for them, DocumentInvalidError for the evidence of another recording.
    """
    options = DiarizationOptions.of(
        speakers=speakers, min_speakers=min_speakers, max_speakers=max_speakers
    )
    _check_pair(transcript, evidence)
    found = _reclusterer(evidence.engine)(evidence, options)
    asked = {"speakers": speakers, "min_speakers": min_speakers, "max_speakers": max_speakers}
    again = reclustered(transcript, found, asked | {"exclusive": exclusive})
    return without_overlap(again) if exclusive else again


def split_speaker(
    transcript: Transcript, evidence: SpeakerEvidence, speaker: str, *, parts: int = 2
) -> Transcript:
    """The document with one speaker, given by id or name, taken apart into `parts` by voice.

    The one who speaks longest keeps the name. Raises OptionError for a speaker who is not there,
    UnsupportedError where they say too little.
    """
    from stenograf.engines.diarization.splitting import split_turns

    _check_pair(transcript, evidence)
    if parts < 2:
        raise OptionError("A speaker is split into two parts or more.")
    whole = find_speaker(transcript, speaker)
    own = [turn for turn in transcript.turns if turn.speaker == whole.id]
    return replace_turns(transcript, whole.id, split_turns(evidence, own, parts))


def name_known(
    transcript: Transcript,
    evidence: SpeakerEvidence,
    known: Mapping[str, tuple[Transcript, SpeakerEvidence]],
) -> Transcript:
    """The document with speakers named who sound like one of the known voices.

    Each known voice is a diarization of a clip in which only they speak. Who sounds like nobody
    known keeps their name or none.
    """
    from stenograf.engines.diarization.known import match_known

    voices = {name: (heard, clip.turns) for name, (clip, heard) in known.items()}
    for speaker, name in match_known(evidence, transcript.turns, voices).items():
        transcript = rename_speaker(transcript, speaker, name=name)
    return transcript


def identify_speakers(
    transcript: Transcript,
    evidence: SpeakerEvidence,
    enrolled: Mapping[str, Sequence[Sequence[float]]],
) -> Transcript:
    """The document with nameless speakers named who are an enrolled person beyond doubt.

    `enrolled` are vectors as `voice_of` gives them, for each name, of the evidence's own embedding
    model. Who has a name keeps it, nobody's name is given twice, and doubt names nobody.
    Raises DocumentInvalidError for the evidence of another recording.
    """
    from stenograf.engines.diarization.known import match_enrolled

    _check_pair(transcript, evidence)
    taken = {each.name for each in transcript.speakers if each.name}
    nameless = {each.id for each in transcript.speakers if not each.name}
    turns = [turn for turn in transcript.turns if turn.speaker in nameless]
    for speaker, name in match_enrolled(evidence, turns, enrolled).items():
        if name not in taken:
            transcript = rename_speaker(transcript, speaker, name=name)
    return transcript


def voice_of(
    transcript: Transcript, evidence: SpeakerEvidence, speaker: str
) -> tuple[list[float], float]:
    """How a speaker, given by id or name, sounds, and the seconds of speech that tell it.

    A vector of length 1 in the space of the evidence's embedding model. Raises OptionError for a
    speaker who is not there, VoiceUnclearError for one who says too little, DocumentInvalidError
    for the evidence of another recording.
    """
    _check_pair(transcript, evidence)
    one = find_speaker(transcript, speaker)
    own = [turn for turn in transcript.turns if turn.speaker == one.id]
    seconds = total_duration(turn.span for turn in own)
    voice = mean_voices(transcript, evidence).get(one.id)
    if voice is None or seconds < MIN_VOICE_S:
        raise VoiceUnclearError(
            "{speaker} speaks for {seconds:.1f} s; a voice takes {least:.0f} s or more.",
            speaker=one.name or one.id,
            seconds=seconds,
            least=MIN_VOICE_S,
        )
    return voice, seconds


def mean_voices(transcript: Transcript, evidence: SpeakerEvidence) -> dict[str, list[float]]:
    """How each speaker sounds, by speaker id: a vector of length 1, in the evidence's own space.

    Vectors of one embedding model compare by their dot product; those of two models do not.
    """
    from stenograf.engines.diarization import known

    voices = known.mean_voices(evidence, transcript.turns)
    return {speaker: voice.tolist() for speaker, voice in voices.items()}


def _check_pair(transcript: Transcript, evidence: SpeakerEvidence) -> None:
    if transcript.recording.sha256 != evidence.recording_sha256:
        raise DocumentInvalidError(
            "The evidence was taken from another recording than the transcript.",
            hint="Give the .speakers.npz file that was written with this transcript.",
        )


def _reclusterer(engine: str) -> Reclusterer:
    try:
        return RECLUSTERERS[engine]
    except KeyError:
        raise EngineUnavailableError(
            "The engine {engine} cannot tell speakers apart again.",
            hint="Update Stenograf, or run the diarization again.",
            engine=engine,
        ) from None


def _recluster_basic(evidence: SpeakerEvidence, options: DiarizationOptions) -> Diarization:
    from stenograf.engines.diarization import basic

    return basic.recluster(evidence, options)


def _recluster_onnx(evidence: SpeakerEvidence, options: DiarizationOptions) -> Diarization:
    from stenograf.engines.diarization import relabelling

    return relabelling.recluster(evidence, options)


RECLUSTERERS: Final[dict[str, Reclusterer]] = {
    "basic": _recluster_basic,
    "onnx": _recluster_onnx,
}
