"""What a caller may ask for, in one place: Python, command line and HTTP share these names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypedDict

from stenograf.core.errors import OptionError
from stenograf.core.options import AsrOptions, AsrTask, DiarizationOptions
from stenograf.guards import GUARDS
from stenograf.pipeline.presets import PresetName, preset

ALL_GUARDS: Final = "all"
NO_GUARDS: Final = "none"

Device = Literal["auto", "cpu", "cuda"]
WordTimes = Literal["attention", "ctc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeOptions:
    """How to turn a recording into a document; every field has a sensible default.

    `preset` gives `model` and `batch_size` where they are None, once: `replace` with another
    preset keeps them. `guards` name the checks of the recognized words (docs/guards.md); `all`
    and `none` are names, too. `exclusive` lets turns overlap nowhere. `isolate` runs each engine
    in a process of its own. Raises OptionError when fields contradict each other.

    >>> TranscribeOptions(speakers=2).diarization.num_speakers
    2
    """

    preset: PresetName | None = None
    engine: str = "auto"
    model: str | None = None
    language: str | None = None
    languages: Sequence[str] = ()
    multilingual: bool = False
    task: AsrTask = "transcribe"
    prompt: str | None = None
    hotwords: str | None = None
    beam_size: int = 1
    batch_size: int | None = None
    guards: Sequence[str] = tuple(GUARDS)
    device: Device = "auto"
    compute_type: str | None = None
    align: WordTimes = "attention"
    align_model: str | None = None
    diarize: bool = True
    diarizer: str = "auto"
    speakers: int | None = None
    min_speakers: int | None = None
    max_speakers: int | None = None
    exclusive: bool = False
    isolate: bool = True
    strict: bool = False
    offline: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", listed(self.languages))
        object.__setattr__(self, "guards", _guards_named(self.guards))
        self._fill()
        bounds = (self.speakers, self.min_speakers, self.max_speakers)
        if not self.diarize and any(bound is not None for bound in bounds):
            raise OptionError("A number of speakers makes no sense without diarization.")
        if self.multilingual and self.language is not None:
            raise OptionError(
                "Either the recording has one language, or each block its own, not both."
            )
        if self.align_model is not None and self.align != "ctc":
            raise OptionError("A model for exact word times needs align=ctc.")
        if self.align == "ctc" and self.task == "translate":
            raise OptionError("Translated words are not in the sound: they cannot be aligned.")
        _ = self.recognition, self.diarization  # their own checks

    def _fill(self) -> None:
        """Take from the preset what was left open, so that every reader sees one truth."""
        if self.preset is None:
            return
        chosen = preset(self.preset)
        if self.model is None:
            object.__setattr__(self, "model", chosen.model)
        if self.batch_size is None:
            object.__setattr__(self, "batch_size", chosen.batch_size)

    @property
    def recognition(self) -> AsrOptions:
        """The part a recognizer sees."""
        return AsrOptions(
            language=self.language,
            languages=tuple(self.languages),
            multilingual=self.multilingual,
            task=self.task,
            prompt=self.prompt,
            hotwords=self.hotwords,
            beam_size=self.beam_size,
            batch_size=self.batch_size,
        )

    @property
    def diarization(self) -> DiarizationOptions:
        """The part a diarizer sees."""
        return DiarizationOptions.of(
            speakers=self.speakers,
            min_speakers=self.min_speakers,
            max_speakers=self.max_speakers,
        )


def listed(values: str | Sequence[str] | None) -> tuple[str, ...]:
    """Values that people give as a list or as one text with commas, each once.

    >>> listed("ru, en"), listed(["ru", "ru"]), listed(None)
    (('ru', 'en'), ('ru',), ())
    """
    parts = values.split(",") if isinstance(values, str) else values or ()
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _guards_named(names: str | Sequence[str]) -> tuple[str, ...]:
    """Names of guards in their order; raises OptionError for one that nobody knows."""
    asked = set(listed(names)) - {NO_GUARDS}
    if ALL_GUARDS in asked:
        return tuple(GUARDS)
    for name in asked:
        if name not in GUARDS:
            raise OptionError(
                "There is no guard {name}.",
                hint="Choose some of {known}, or all, or none.",
                name=name,
                known=", ".join(GUARDS),
            )
    return tuple(name for name in GUARDS if name in asked)


class TranscribeKeywords(TypedDict, total=False):
    """The fields of TranscribeOptions as keyword arguments."""

    preset: PresetName | None
    engine: str
    model: str | None
    language: str | None
    languages: Sequence[str]
    multilingual: bool
    task: AsrTask
    prompt: str | None
    hotwords: str | None
    beam_size: int
    batch_size: int | None
    guards: Sequence[str]
    device: Device
    compute_type: str | None
    align: WordTimes
    align_model: str | None
    diarize: bool
    diarizer: str
    speakers: int | None
    min_speakers: int | None
    max_speakers: int | None
    exclusive: bool
    isolate: bool
    strict: bool
    offline: bool
