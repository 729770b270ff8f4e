"""The language of a recording, without its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stenograf.core.options import AsrOptions
from stenograf.core.ports import (
    Capabilities,
    OnProgress,
    Recognition,
    Recognizer,
    ignore_progress,
)
from stenograf.core.span import Span
from stenograf.core.waveform import Waveform
from stenograf.pipeline.by_channel import LEFT_OUT, without_words
from stenograf.pipeline.options import NO_GUARDS, TranscribeOptions
from stenograf.pipeline.transcribe import Pipeline


class OnlyLanguage:
    """Recognizer that asks another one for the language and leaves the words unheard."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    @property
    def name(self) -> str:
        """The other one's."""
        return self._recognizer.name

    @property
    def capabilities(self) -> Capabilities:
        """The other one's."""
        return self._recognizer.capabilities

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """What is known before the first word is decoded."""
        options = replace(options, heard_until_s=LEFT_OUT)
        found = self._recognizer.recognize(audio, speech, options, on_progress=on_progress)
        without_words(found)
        return replace(found, words=iter(()))


def for_language(
    pipeline: Pipeline, options: TranscribeOptions
) -> tuple[Pipeline, TranscribeOptions]:
    """A pipeline and options whose document holds the language and nothing else."""
    recognizer = None if pipeline.recognizer is None else OnlyLanguage(pipeline.recognizer)
    bare = replace(
        pipeline, recognizer=recognizer, diarizer=None, aligner=None, witness=None, own_speech=None
    )
    return bare, replace(options, guards=(NO_GUARDS,))
