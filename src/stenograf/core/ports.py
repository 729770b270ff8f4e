"""What the product asks of a model runtime. Each engine implements one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Notice, Turn, Word
from stenograf.core.waveform import Samples, Waveform

OnProgress: TypeAlias = Callable[[float], None]
"""Called with the fraction done, in [0, 1], at least every few seconds.

It may raise CancelledError: an engine lets that pass and frees what it holds.
"""


OwnSpeech: TypeAlias = Callable[
    [Sequence[Waveform], Sequence[Sequence[Span]]], tuple[tuple[Span, ...], ...]
]
"""Given the channels of a recording and the speech in each: what of it is a voice of the channel's
own, in channel order; empty unless two channels or more hold one party each.
"""


def ignore_progress(fraction: float) -> None:
    """The default OnProgress: nobody is watching."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, checked before work starts.

    `languages` None means "any"; `speaker_bounds` says that min/max are met exactly. `prompt`,
    `hotwords` and `multilingual` say that it minds the options of these names.
    """

    languages: frozenset[str] | None = None
    translates: bool = False
    prompt: bool = False
    hotwords: bool = False
    multilingual: bool = False
    word_times: bool = True
    speaker_bounds: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Appetite:
    """What a recognizer takes where nobody says otherwise: blocks at a time.

    `compute_types` need less memory than the one it computes with, the first one tried first.
    """

    batch_size: int = 1
    compute_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recognizer found out at once, and the words it yields while it decodes.

    `words` may be consumed once; they come in time order and lie inside the recording. `notices`
    are complete when the words are consumed. `language_votes` are mean probabilities by language
    where the language was found by a vote. `blocks` are the pieces of the recording that are
    decoded at once, in order, where the engine tells; then the fraction given to `on_progress` is
    the share of their time whose words were yielded.
    """

    words: Iterator[Word]
    language: str | None = None
    language_probability: float | None = None
    notices: Sequence[Notice] = ()
    language_votes: Mapping[str, float] = field(default_factory=dict)
    blocks: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Diarization:
    """Turns in order of start; turns of different speakers may overlap, of one speaker never.

    Speakers carry ids by first speech: SPEAKER_00, SPEAKER_01, ... `models` says what took part
    and why, where that depends on the recording. `evidence` is what the turns follow from, where
    the engine can give it; two diarizations are equal without it.
    """

    turns: tuple[Turn, ...]
    notices: tuple[Notice, ...] = field(default=())
    models: tuple[ModelUse, ...] = field(default=())
    evidence: SpeakerEvidence | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Alignment:
    """The words that were given, in their order, with times from the sound.

    `models` says what took part, where that depends on the language.
    """

    words: tuple[Word, ...]
    notices: tuple[Notice, ...] = ()
    models: tuple[ModelUse, ...] = ()


class VoiceDetector(Protocol):
    """Finds where anybody speaks."""

    def detect(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> list[Span]:
        """Sorted, disjoint spans of speech inside the recording; empty when nobody speaks."""
        ...


class Recognizer(Protocol):
    """Turns speech into words with times."""

    @property
    def name(self) -> str:
        """The engine's name, as options and documents write it; a constant of the class."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; a constant of the class."""
        ...

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words spoken inside `speech`, on the recording's clock, yielded as they are decoded.

        Raises EngineError when the runtime fails.
        """
        ...


class Aligner(Protocol):
    """Finds the exact times of known words."""

    @property
    def name(self) -> str:
        """The engine's name, as options and documents write it; a constant of the class."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; a constant of the class."""
        ...

    def align(
        self,
        audio: Waveform,
        words: Sequence[Word],
        speech: Sequence[Span],
        language: str | None,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Alignment:
        """The same words in the same order, each with a time inside the speech it was heard in.

        `words` come in time order, with times good to a few seconds; `language` None means that
        nobody knows it. Raises UnsupportedError for a language that the engine lacks, EngineError
        when the runtime fails.
        """
        ...


@dataclass(frozen=True, slots=True)
class LiveText:
    """What is known of live speech at one moment, on the clock of the stream.

    `committed` are the words that became final since the last time: they are never taken back and
    follow each other in time order. `pending` come after them and may still change. `heard_s` is
    how much sound has come so far, `worked_s` how long it took to listen to it, both in seconds.
    """

    committed: tuple[Word, ...]
    pending: tuple[Word, ...]
    heard_s: float
    worked_s: float = 0.0

    @property
    def lag_s(self) -> float:
        """How long the committed word that waited longest has waited; 0.0 without any."""
        return max((self.heard_s - word.span.end for word in self.committed), default=0.0)


class LiveRecognizer(Protocol):
    """Writes down speech while it is spoken."""

    def feed(self, samples: Samples) -> LiveText:
        """What is known after more sound, any number of samples. Raises as a Recognizer does."""
        ...

    def finish(self) -> LiveText:
        """The rest, nothing pending; the next sound begins a new stream."""
        ...


class Diarizer(Protocol):
    """Tells speakers apart."""

    @property
    def name(self) -> str:
        """The engine's name, as options and documents write it; a constant of the class."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; a constant of the class."""
        ...

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when, with the number of speakers inside the bounds of `options`.

        No speech gives no turns, whatever the bounds. Raises EngineError when the runtime fails.
        """
        ...


@runtime_checkable
class ChannelDiarizer(Diarizer, Protocol):
    """A diarizer that can learn from the channels of a recording who speaks."""

    def diarize_channels(
        self,
        audio: Waveform,
        channels: Sequence[Waveform],
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """As `diarize`; `audio` is the mix of `channels`, all of one length.

        There are two channels or more, and they are not copies of each other.
        """
        ...
