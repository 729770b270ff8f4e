"""`AudioProcessor`: who said what, with the names of a meeting's participants."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stenograf import app
from stenograf.attribution import utterances
from stenograf.compat.audio_diarization import as_documented
from stenograf.core.transcript import Transcript, Utterance
from stenograf.pipeline import Pipeline, TranscribeOptions


class AudioProcessor:
    """Transcribes meetings; `model_size` is a Whisper size or a name of `stenograf models list`."""

    def __init__(self, model_size: str = "medium", device: str = "cpu", **options: Any) -> None:
        self._options = {"model": model_size, "device": device, **options}
        self._pipelines: dict[bool, Pipeline] = {}

    async def process_audio_with_diarization(
        self,
        audio_file_path: str | Path,
        participants: Sequence[Mapping[str, Any]] | None = None,
        prompt: str | None = None,
        enable_diarization: bool = True,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
    ) -> dict[str, Any]:
        """Text, parts with speakers and words, and the speakers.

        `participants` ({"name": ...}) lend their names to the speakers in order of first speech;
        the prompt and these names help the recognizer spell. Raises as AudioDiarization does.
        """
        names = [str(each["name"]) for each in participants or () if each.get("name")]
        options = TranscribeOptions(
            **self._options,
            prompt=prompt,
            hotwords=", ".join(names) or None,
            diarize=enable_diarization,
            min_speakers=min_speakers if enable_diarization else None,
            max_speakers=max_speakers if enable_diarization else None,
        )
        with as_documented(str(options.model)):
            transcript = await asyncio.to_thread(self._run, Path(audio_file_path), options)
        return as_plain(named(transcript, names))

    def _run(self, path: Path, options: TranscribeOptions) -> Transcript:
        if options.diarize not in self._pipelines:
            self._pipelines[options.diarize] = app.prepare(options)
        return self._pipelines[options.diarize].run(path, options)


def named(transcript: Transcript, names: Sequence[str]) -> Transcript:
    """The document with its speakers named, in order of first speech, as far as names go."""
    lent = [*names, *[None] * len(transcript.speakers)]
    speakers = [
        replace(speaker, name=name)
        for speaker, name in zip(transcript.speakers, lent, strict=False)
    ]
    return replace(transcript, speakers=tuple(speakers))


def as_plain(transcript: Transcript) -> dict[str, Any]:
    """The document in the camel case of the protocol maker."""
    labels = {speaker.id: speaker.label for speaker in transcript.speakers}
    return {
        "success": True,
        "transcription": transcript.text,
        "segments": [_part(part, labels) for part in utterances(transcript.words)],
        "speakers": [{"id": speaker.id, "name": speaker.name} for speaker in transcript.speakers],
        "totalSpeakers": len(transcript.speakers),
        "language": transcript.language,
        "duration": round(transcript.recording.duration, 3),
        "notices": [notice.text for notice in transcript.notices],
    }


def _part(part: Utterance, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "speaker": labels.get(part.speaker or ""),
        "start": round(part.span.start, 3),
        "end": round(part.span.end, 3),
        "text": part.text,
        "words": [
            {
                "word": word.text,
                "start": round(word.span.start, 3),
                "end": round(word.span.end, 3),
            }
            for word in part.words
        ],
    }
