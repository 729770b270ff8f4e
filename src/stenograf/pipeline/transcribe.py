"""The way of one recording: decode, detect, recognize and diarize side by side, attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from stenograf._version import __version__
from stenograf.attribution import attribute_words, number_speakers
from stenograf.audio.channels import are_identical
from stenograf.audio.decode import Decoded, decode
from stenograf.core.errors import CancelledError, StenografError
from stenograf.core.events import Finished, WordsReady
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import (
    ChannelDiarizer,
    Diarization,
    Diarizer,
    OnProgress,
    Recognition,
    Recognizer,
    VoiceDetector,
)
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Notice, Provenance, Transcript, Word
from stenograf.core.waveform import Waveform
from stenograf.pipeline.options import TranscribeOptions
from stenograf.pipeline.review import Reviewed, Reviewer
from stenograf.pipeline.watch import OnEvent, Watch, ignore_event

BEFORE_REVIEW: Final = 0.99
"""How much of recognition is done when all words are there and doubtful ones are heard again."""

NO_SPEECH = Notice(
    "speech.none",
    "No speech was found in the recording.",
    "Listen to it: is the right channel or file there, and is it loud enough?",
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Engines with their weights loaded, ready for any number of recordings.

    Without a recognizer the document has turns and no words; without a diarizer, words and no
    turns. `models` and `notices` go into every document. `side_by_side` runs recognition and
    diarization at the same time, which pays where there is more than one core. A ChannelDiarizer
    gets the channels of a recording unless they are copies of each other. `witness` is a stricter
    detector, asked about blocks whose words the guards doubt.
    """

    detector: VoiceDetector
    recognizer: Recognizer | None = None
    witness: VoiceDetector | None = None
    diarizer: Diarizer | None = None
    models: tuple[ModelUse, ...] = ()
    notices: tuple[Notice, ...] = ()
    side_by_side: bool = True

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
    ) -> tuple[Transcript, SpeakerEvidence | None]:
        """As `run`, with what tells the speakers apart again, if the diarizer gives it."""
        watch = Watch(on_event)
        with watch.stage("decode") as progress:
            decoded = decode(
                source,
                name=name,
                split_channels=isinstance(self.diarizer, ChannelDiarizer),
                strict=options.strict,
                on_progress=progress,
            )
        with decoded:
            transcript, evidence = self._document(decoded, options, watch)
        watch.tell(Finished(transcript))
        if evidence is not None:
            evidence = replace(evidence, recording_sha256=transcript.recording.sha256)
        return transcript, evidence

    def _document(
        self, decoded: Decoded, options: TranscribeOptions, watch: Watch
    ) -> tuple[Transcript, SpeakerEvidence | None]:
        watch.note(*self.notices, *decoded.notices)
        with watch.stage("detect") as progress:
            speech = self.detector.detect(decoded.audio, on_progress=progress)
        if not speech:
            watch.note(NO_SPEECH)
        recognition, reviewed, diarization = self._listen(decoded, speech, options, watch)
        with watch.stage("attribute"):
            turns, speakers = number_speakers(diarization.turns)
            words = attribute_words(reviewed.words, turns)
        watch.note(*recognition.notices, *reviewed.notices, *diarization.notices)
        transcript = Transcript(
            recording=decoded.recording,
            words=tuple(words),
            turns=turns,
            speakers=speakers,
            language=recognition.language,
            language_probability=recognition.language_probability,
            suspects=reviewed.suspects,
            notices=tuple(watch.notices),
            provenance=self._provenance(
                diarization.models, recognition.language_votes, options, watch
            ),
        )
        return transcript, diarization.evidence

    def _listen(
        self, decoded: Decoded, speech: Sequence[Span], options: TranscribeOptions, watch: Watch
    ) -> tuple[Recognition, Reviewed, Diarization]:
        """Recognition here and diarization in a thread beside it: runtimes release the GIL."""
        if not self.side_by_side:
            recognition, reviewed = self._recognize(decoded.audio, speech, options, watch)
            return recognition, reviewed, self._diarize(decoded, speech, options, watch)
        with ThreadPoolExecutor(1, thread_name_prefix="diarize") as beside:
            turns = beside.submit(self._diarize, decoded, speech, options, watch)
            try:
                recognition, reviewed = self._recognize(decoded.audio, speech, options, watch)
                return recognition, reviewed, turns.result()
            except BaseException:
                watch.stop()  # else the pool would wait for the whole diarization
                raise

    def _recognize(
        self, audio: Waveform, speech: Sequence[Span], options: TranscribeOptions, watch: Watch
    ) -> tuple[Recognition, Reviewed]:
        if self.recognizer is None or not speech:
            return Recognition(iter(())), Reviewed(())
        words: list[Word] = []
        with watch.stage("recognize") as progress:

            def almost(fraction: float) -> None:
                progress(min(fraction, BEFORE_REVIEW))

            recognition = self.recognizer.recognize(
                audio, speech, options.recognition, on_progress=almost
            )
            for word in recognition.words:
                words.append(word)
                watch.tell(WordsReady((word,)))
            reviewer = Reviewer(
                recognizer=self.recognizer,
                audio=audio,
                speech=speech,
                options=options.recognition,
                guards=options.guards,
                witness=self.witness,
                on_progress=lambda _: almost(1.0),
            )
            reviewed = reviewer.review(recognition, words)
        return recognition, reviewed

    def _diarize(
        self, decoded: Decoded, speech: Sequence[Span], options: TranscribeOptions, watch: Watch
    ) -> Diarization:
        if self.diarizer is None or not speech:
            return Diarization(())
        try:
            with watch.stage("diarize") as progress:
                return _speakers(self.diarizer, decoded, speech, options.diarization, progress)
        except CancelledError:
            raise
        except StenografError as error:
            if self.recognizer is None:
                raise
            return Diarization((), (_without_speakers(error),))

    def _provenance(
        self,
        models: tuple[ModelUse, ...],
        language_votes: Mapping[str, float],
        options: TranscribeOptions,
        watch: Watch,
    ) -> Provenance:
        return Provenance(
            package_version=__version__,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            models=(*self.models, *models),
            options={key: value for key, value in asdict(options).items() if value is not None},
            timings=dict(watch.timings),
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
