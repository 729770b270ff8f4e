"""Engines that run in a child behind the port of the engine itself."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, cast

from stenograf.core.errors import EngineOutOfMemoryError
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.ports import (
    Aligner,
    Alignment,
    Diarization,
    Diarizer,
    OnProgress,
    Recognition,
    Recognizer,
    VoiceDetector,
    ignore_progress,
)
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Word
from stenograf.core.waveform import Waveform
from stenograf.isolation.recipe import Recipe
from stenograf.isolation.room import Room
from stenograf.isolation.thrift import Request, Thrift
from stenograf.isolation.vitals import Limits
from stenograf.isolation.wire import Found, Heard

DIED: Final = "output"
"""The detail that only the error of a process has that died."""


class Isolated:
    """What all isolated engines share: their child can be looked at, started and ended.

    Nothing runs before the first job, `load` or `start`. A child that died or was idle too long
    comes again with the next job.
    """

    def __init__(self, recipe: Recipe[object], limits: Limits | None = None) -> None:
        self._room = Room(recipe, limits or Limits())

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._room.pid

    def start(self) -> None:
        """Begin to load the model and do not wait."""
        self._room.start()

    def load(self, *, on_progress: OnProgress = ignore_progress) -> None:
        """Have the model loaded; raises what building the engine raises."""
        self._room.load(on_progress=on_progress)

    def close(self) -> None:
        """End the child and free its memory; the engine stays usable."""
        self._room.close()


class IsolatedDetector(Isolated):
    """VoiceDetector in a process of its own."""

    def __init__(self, recipe: Recipe[VoiceDetector], limits: Limits | None = None) -> None:
        super().__init__(recipe, limits)

    def detect(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> list[Span]:
        """As the engine; raises EngineError when its process dies."""
        return cast("list[Span]", self._room.result("detect", (audio,), (), on_progress))


class IsolatedAligner(Isolated):
    """Aligner in a process of its own."""

    def __init__(self, recipe: Recipe[Aligner], limits: Limits | None = None) -> None:
        super().__init__(recipe, limits)
        self.name = recipe.name
        self.capabilities = recipe.capabilities

    def align(
        self,
        audio: Waveform,
        words: Sequence[Word],
        speech: Sequence[Span],
        language: str | None,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Alignment:
        """As the engine; raises EngineError also when its process dies."""
        arguments = (tuple(words), tuple(speech), language)
        return cast("Alignment", self._room.result("align", (audio,), arguments, on_progress))


class IsolatedDiarizer(Isolated):
    """Diarizer in a process of its own."""

    def __init__(self, recipe: Recipe[Diarizer], limits: Limits | None = None) -> None:
        super().__init__(recipe, limits)
        self.name = recipe.name
        self.capabilities = recipe.capabilities

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """As the engine; raises EngineError also when its process dies."""
        arguments = (tuple(speech), options)
        found = self._room.result("diarize", (audio,), arguments, on_progress)
        return cast("Diarization", found)


class IsolatedChannelDiarizer(IsolatedDiarizer):
    """ChannelDiarizer in a process of its own."""

    def diarize_channels(
        self,
        audio: Waveform,
        channels: Sequence[Waveform],
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """As the engine; raises EngineError also when its process dies."""
        sounds, arguments = (audio, *channels), (tuple(speech), options)
        found = self._room.result("diarize_channels", sounds, arguments, on_progress)
        return cast("Diarization", found)


def isolated_diarizer(recipe: Recipe[Diarizer], limits: Limits | None = None) -> IsolatedDiarizer:
    """The diarizer of the recipe in a child, with channels where the engine knows them."""
    knows_channels = hasattr(recipe.build, "diarize_channels")
    return (IsolatedChannelDiarizer if knows_channels else IsolatedDiarizer)(recipe, limits)


class IsolatedRecognizer(Isolated):
    """Recognizer in a process of its own that goes on with less when memory does not suffice.

    What was heard before stays; the rest is recognized as the next step of `thrift` says, and a
    notice in the recognition tells it. Later recordings begin where this one ended, as long as
    the model stays loaded.
    """

    def __init__(
        self,
        recipe: Recipe[Recognizer],
        limits: Limits | None = None,
        *,
        thrift: Thrift | None = None,
    ) -> None:
        super().__init__(recipe, limits)
        self.name = recipe.name
        self.capabilities = recipe.capabilities
        self._recipe = recipe
        self._thrift = thrift or Thrift()
        self._n_steps = 0

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """As the engine; raises EngineError also when its process dies."""
        notices: list[Notice] = []
        heralds = self._frugal(audio, tuple(speech), options, on_progress, notices)
        heard = cast("Heard", next(heralds))
        words = (herald.word for herald in heralds if isinstance(herald, Found))
        return replace(heard.recognition, words=words, notices=notices)

    def _frugal(
        self,
        audio: Waveform,
        speech: tuple[Span, ...],
        options: AsrOptions,
        on_progress: OnProgress,
        notices: list[Notice],
    ) -> Iterator[Heard | Found]:
        """What the engine yields, `Heard` once and first; out of memory, the rest with less."""
        asked = Request(self._recipe, options)
        steps = self._thrift.steps(asked)
        asked = self._as_before(asked, steps, notices)
        told = _Told(on_progress)
        while True:
            arguments = (speech, told.known(asked.options))
            work = self._room.work("recognize", (audio,), arguments, told.progress)
            try:
                notices += yield from told.once(work)
                return
            except EngineOutOfMemoryError as error:
                step = next(steps, None)
                if step is None:
                    raise
                told.end_block(error)
                asked, notice = step
                notices.append(notice)
                self._n_steps += 1
                self._room.change(asked.recipe)

    def _as_before(
        self, asked: Request, steps: Iterator[tuple[Request, Notice]], notices: list[Notice]
    ) -> Request:
        """Begin where the last recording ended if the model is still loaded, else anew."""
        if self.pid is None and self._n_steps:
            self._n_steps = 0
            self._room.change(self._recipe)
        for cheaper, notice in islice(steps, self._n_steps):
            asked = cheaper
            notices.append(notice)
        return asked


class _Told:
    """What the caller has heard already, over all attempts."""

    def __init__(self, on_progress: OnProgress) -> None:
        self.until = 0.0  # s, the latest end of a word
        self._heard: Heard | None = None
        self._on_progress = on_progress
        self._base = self._fraction = 0.0

    def known(self, options: AsrOptions) -> AsrOptions:
        """The options for the rest: blocks that were heard are left out, the language is known."""
        until_s = max(options.heard_until_s, self.until)
        options = replace(options, heard_until_s=until_s)
        if self._heard is None or options.multilingual or options.language is not None:
            return options
        return replace(options, language=self._heard.recognition.language)

    def progress(self, fraction: float) -> None:
        """A later attempt has only the rest to do."""
        self._fraction = self._base + (1.0 - self._base) * fraction
        self._on_progress(self._fraction)

    def end_block(self, error: EngineOutOfMemoryError) -> None:
        """An engine that fails by itself does so between blocks: the last one heard is done.

        A process may die between two words of a block, which is then recognized again.
        """
        if self._heard is None or DIED in error.details:
            return
        for block in self._heard.recognition.blocks:
            if block[0].start < self.until <= block[-1].end:
                self.until = block[-1].end

    def once(
        self, work: Generator[Heard | Found, None, Sequence[Notice]]
    ) -> Generator[Heard | Found, None, Sequence[Notice]]:
        """What is new of an attempt; returns the engine's own notices."""
        floor, self._base = self.until, self._fraction
        while True:
            try:
                herald = next(work)
            except StopIteration as end:
                return cast("Sequence[Notice]", end.value)
            if isinstance(herald, Found):
                word = herald.word
                if word.span.middle >= floor:
                    self.until = max(self.until, word.span.end)
                    yield Found(herald.number, _not_before(word, floor))
            elif self._heard is None:
                self._heard = herald
                yield herald


def _not_before(word: Word, floor: float) -> Word:
    """A word that reaches into what was heard before begins where that ended."""
    span = word.span
    return word if span.start >= floor else replace(word, span=Span(floor, max(span.end, floor)))
