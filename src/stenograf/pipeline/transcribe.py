"""The way of one recording: decode, detect, recognize and diarize side by side, attribute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from stenograf._version import __version__
from stenograf.attribution import exclusive, number_speakers
from stenograf.audio.channels import are_identical
from stenograf.audio.decode import Decode, Decoded, decode
from stenograf.core.errors import CancelledError, StenografError
from stenograf.core.events import Finished
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import (
    Aligner,
    ChannelDiarizer,
    Diarization,
    Diarizer,
    OnProgress,
    OwnSpeech,
    Recognizer,
    VoiceDetector,
)
from stenograf.core.span import Span
from stenograf.core.transcript import (
    TOTAL,
    ModelUse,
    Notice,
    Provenance,
    Recording,
    Transcript,
)
from stenograf.core.waveform import Waveform
from stenograf.pipeline.by_channel import Sound, can_differ
from stenograf.pipeline.options import TranscribeOptions
from stenograf.pipeline.parts import FoundSpeech, NoParts, Parts, PartsOf
from stenograf.pipeline.recognizing import Scribe, Written, attributed
from stenograf.pipeline.watch import OnEvent, Watch, ignore_event

NO_SPEECH = Notice(
    "speech.none",
    "No speech was found in the recording.",
    "Listen to it: is the right channel or file there, and is it loud enough?",
)


SPEECH, TURNS = "speech", "turns"
"""Names of parts that are kept; those of recognition are in `recognizing`."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is asked for one recording, who watches, and what earlier runs have finished."""

    options: TranscribeOptions
    watch: Watch
    parts: Parts


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Engines with their weights loaded, ready for any number of recordings.

    Without a recognizer the document has turns and no words; without a diarizer, words and no
    turns. `models` and `notices` go into every document. `side_by_side` runs recognition and
    diarization at the same time, which pays where there is more than one core. A ChannelDiarizer
    gets the channels of a recording unless they are copies of each other. `witness` is a stricter
    detector, asked about blocks whose words the guards doubt; an aligner replaces the times of
    words. `own_speech` lets channels that speak different languages be recognized each by itself. A
    recording of more than `max_duration_s` or `max_channels` is refused.
    """

    detector: VoiceDetector
    recognizer: Recognizer | None = None
    witness: VoiceDetector | None = None
    aligner: Aligner | None = None
    diarizer: Diarizer | None = None
    own_speech: OwnSpeech | None = None
    models: tuple[ModelUse, ...] = ()
    notices: tuple[Notice, ...] = ()
    side_by_side: bool = True
    max_duration_s: float | None = None
    max_channels: int | None = None
    decode: Decode = decode

    def run(
        self,
        source: Path | BinaryIO,
        options: TranscribeOptions,
        *,
        name: str | None = None,
        on_event: OnEvent = ignore_event,
    ) -> Transcript:
        """The document of one recording; `name` is what to call a stream.

        Raises AudioError when nothing can be decoded and EngineError when recognition fails. When
        only diarization fails, the words are kept and a notice says so.
        """
        return self.run_with_evidence(source, options, name=name, on_event=on_event)[0]

    def run_with_evidence(
        self,
        source: Path | BinaryIO,
        options: TranscribeOptions,
        *,
        name: str | None = None,
        on_event: OnEvent = ignore_event,
        parts: Parts | None = None,
    ) -> tuple[Transcript, SpeakerEvidence | None]:
        """As `run`, with what tells the speakers apart again, if the diarizer gives it.

        Finished speech, blocks of words and turns are kept in `parts`; a run that finds them there
        goes on after them and gives the same document.
        """
        watch = Watch(on_event)
        with watch.stage("decode") as progress:
            decoded = self.decode(
                source,
                name=name,
                split_channels=self._wants_channels(options),
                strict=options.strict,
                max_duration_s=self.max_duration_s,
                max_channels=self.max_channels,
                on_progress=progress,
            )
        with decoded:
            kept = PartsOf(parts or NoParts(), self._key(decoded.recording, options))
            transcript, evidence = self._document(decoded, Run(options, watch, kept))
        watch.tell(Finished(transcript))
        if evidence is not None:
            evidence = replace(evidence, recording_sha256=transcript.recording.sha256)
        return transcript, evidence

    def _wants_channels(self, options: TranscribeOptions) -> bool:
        votes = self.recognizer is not None and self.own_speech is not None
        return isinstance(self.diarizer, ChannelDiarizer) or (
            votes and can_differ(options.recognition)
        )

    def _key(self, recording: Recording, options: TranscribeOptions) -> str:
        """What parts depend on, in a few digits."""
        engines = [part.name for part in (self.recognizer, self.diarizer) if part is not None]
        made_by = [__version__, recording.sha256, engines, [asdict(use) for use in self.models]]
        plain = json.dumps([made_by, asdict(options)], sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()[:16]

    def _document(self, decoded: Decoded, run: Run) -> tuple[Transcript, SpeakerEvidence | None]:
        watch = run.watch
        watch.note(*self.notices, *decoded.notices)
        speech = self._detect(decoded.audio, run)
        if not speech:
            watch.note(NO_SPEECH)
        written, diarization = self._listen(decoded, speech, run)
        with watch.stage("attribute"):
            turns, speakers = number_speakers(diarization.turns)
            found = attributed(written, turns)
        watch.note(*found.notices, *diarization.notices)
        transcript = Transcript(
            recording=decoded.recording,
            words=found.words,
            turns=turns,
            speakers=speakers,
            language=found.language.language,
            language_probability=found.language.probability,
            suspects=found.suspects,
            notices=tuple(watch.notices),
            provenance=self._provenance(
                (*found.models, *diarization.models), found.language.votes, run
            ),
        )
        if run.options.exclusive:  # words and their confidence know of the overlap
            transcript = exclusive(transcript)
        return transcript, diarization.evidence

    def _detect(self, audio: Waveform, run: Run) -> Sequence[Span]:
        known = run.parts.find(SPEECH, FoundSpeech)
        if known is not None:
            return known.spans
        with run.watch.stage("detect") as progress:
            speech = self.detector.detect(audio, on_progress=progress)
        run.parts.keep(SPEECH, FoundSpeech(tuple(speech)))
        return speech

    def _listen(
        self, decoded: Decoded, speech: Sequence[Span], run: Run
    ) -> tuple[list[Written], Diarization]:
        """Recognition here and diarization in a thread beside it: runtimes release the GIL."""
        if not self.side_by_side:
            return self._recognize(decoded, speech, run), self._diarize(decoded, speech, run)
        with ThreadPoolExecutor(1, thread_name_prefix="diarize") as beside:
            turns = beside.submit(self._diarize, decoded, speech, run)
            try:
                return self._recognize(decoded, speech, run), turns.result()
            except BaseException:
                run.watch.stop()  # else the pool would wait for the whole diarization
                raise

    def _recognize(self, decoded: Decoded, speech: Sequence[Span], run: Run) -> list[Written]:
        if self.recognizer is None or not speech:
            return []
        scribe = Scribe(
            recognizer=self.recognizer,
            detector=self.detector,
            witness=self.witness,
            aligner=self.aligner,
            own_speech=self.own_speech,
            options=run.options,
            watch=run.watch,
            parts=run.parts,
        )
        return scribe.write(Sound(decoded.audio, decoded.channels), speech)

    def _diarize(self, decoded: Decoded, speech: Sequence[Span], run: Run) -> Diarization:
        if self.diarizer is None or not speech:
            return Diarization(())
        known = run.parts.find(TURNS, Diarization)
        if known is not None:
            return known
        try:
            with run.watch.stage("diarize") as progress:
                options = run.options.diarization
                found = _speakers(self.diarizer, decoded, speech, options, progress)
        except CancelledError:
            raise
        except StenografError as error:
            if self.recognizer is None:
                raise
            return Diarization((), (_without_speakers(error),))
        run.parts.keep(TURNS, found)
        return found

    def _provenance(
        self, models: tuple[ModelUse, ...], language_votes: Mapping[str, float], run: Run
    ) -> Provenance:
        options = asdict(run.options)
        return Provenance(
            package_version=__version__,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            models=(*self.models, *models),
            options={key: value for key, value in options.items() if value is not None},
            timings={**run.watch.timings, TOTAL: run.watch.elapsed_s},
            language_votes=dict(language_votes),
        )


def _speakers(
    diarizer: Diarizer,
    decoded: Decoded,
    speech: Sequence[Span],
    options: DiarizationOptions,
    on_progress: OnProgress,
) -> Diarization:
    audio, channels = decoded.audio, decoded.channels
    if isinstance(diarizer, ChannelDiarizer) and not are_identical(channels):
        return diarizer.diarize_channels(audio, channels, speech, options, on_progress=on_progress)
    return diarizer.diarize(audio, speech, options, on_progress=on_progress)


def _without_speakers(error: StenografError) -> Notice:
    return Notice(
        "diarization.failed",
        "The words are complete, but the speakers could not be told apart: {reason}",
        error.hint,
        {**error.details, "reason": str(error), "cause": error.code},
    )
