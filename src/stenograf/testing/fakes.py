"""Engines without weights: for tests, examples, and trying a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import ClassVar

import numpy as np

from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.ports import (
    Capabilities,
    Diarization,
    OnProgress,
    Recognition,
    ignore_progress,
)
from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.transcript import Turn, Word, speaker_id
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s


class FakeDetector:
    """VoiceDetector that takes loud tenths of a second for speech."""

    FRAME_S = 0.1

    def __init__(self, *, loudness: float = 0.01) -> None:
        self._loudness = loudness

    def detect(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> list[Span]:
        """Spans whose mean square root exceeds the threshold.

        >>> FakeDetector().detect(np.repeat(np.float32([0, 1]), 16_000))
        [Span(start=1.0, end=2.0)]
        """
        step = int(self.FRAME_S * SAMPLE_RATE_HZ)
        loud = []
        for start in range(0, len(audio), step):
            frame = audio[start : start + step]
            if np.sqrt(np.mean(frame**2)) > self._loudness:
                loud.append(Span(start / SAMPLE_RATE_HZ, (start + len(frame)) / SAMPLE_RATE_HZ))
            on_progress(min(1.0, (start + step) / len(audio)))
        return union(loud, max_gap=1e-6)


SAYING = """
It was late in the evening when the train came in and nobody stood on the platform but an old man
with a lamp, who asked each of us where we were going and wrote the answers into a small green
book, as if somebody might want to know one day which strangers had passed through his town.
"""


class FakeRecognizer:
    """Recognizer that hears the same text over and over, a word each half second of speech.

    Each span of speech is a block; `heard` are those that it has begun, over all recordings.
    """

    name: ClassVar[str] = "fake"
    capabilities: ClassVar[Capabilities] = Capabilities(
        translates=True, note="Invents its words; for tests only."
    )
    WORD_S = 0.5

    def __init__(self, text: str = SAYING) -> None:
        self._text = text.split()
        self.heard: list[Span] = []

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words inside `speech`, in the language asked for or English."""
        heard = list(intersect(speech, [Span(0.0, duration_s(audio))]))
        texts, blocks = cycle(self._text), []
        for span in heard:
            words = tuple(self._words(span, texts))
            if span.end > options.heard_until_s:
                blocks.append((span, words))
        return Recognition(
            self._told(blocks, on_progress),
            options.language or "en",
            1.0,
            blocks=tuple((span,) for span, _ in blocks),
        )

    def _words(self, span: Span, texts: Iterator[str]) -> Iterator[Word]:
        for i in range(int(span.duration / self.WORD_S)):
            start = span.start + i * self.WORD_S
            yield Word(Span(start, start + self.WORD_S), next(texts), 1.0)

    def _told(
        self, blocks: Sequence[tuple[Span, tuple[Word, ...]]], on_progress: OnProgress
    ) -> Iterator[Word]:
        total, done = total_duration(span for span, _ in blocks), 0.0
        for span, words in blocks:
            on_progress(min(1.0, done / total))
            self.heard.append(span)
            yield from words
            done += span.duration
        on_progress(1.0)


class FakeDiarizer:
    """Diarizer whose speakers take turns, one span of speech each; two unless asked otherwise."""

    name: ClassVar[str] = "fake"
    capabilities: ClassVar[Capabilities] = Capabilities(note="Hears nothing; for tests only.")

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Turns inside `speech`, which is cut when it has fewer spans than there are speakers."""
        on_progress(0.0)
        n_speakers = max(options.min_speakers, min(2, options.max_speakers or 2))
        spans = list(intersect(speech, [Span(0.0, duration_s(audio))]))
        while spans and len(spans) < n_speakers:
            longest = max(spans, key=lambda span: span.duration)
            at = spans.index(longest)
            halves = [Span(longest.start, longest.middle), Span(longest.middle, longest.end)]
            spans[at : at + 1] = halves
        on_progress(1.0)
        return Diarization(
            tuple(Turn(span, speaker_id(i % n_speakers)) for i, span in enumerate(spans))
        )
