"""What engines are made from: the options of one run, the settings, and models brought to disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from stenograf.audio.decode import Decode, decode
from stenograf.core.events import NoticeRaised, Progress
from stenograf.core.ports import Aligner, Appetite, Diarizer, Recognizer
from stenograf.core.transcript import ModelUse, Notice
from stenograf.isolation import (
    BY_DESCRIPTOR,
    DECODER,
    Isolated,
    IsolatedAligner,
    IsolatedDecoder,
    IsolatedRecognizer,
    Limits,
    Recipe,
    Thrift,
    isolated_diarizer,
)
from stenograf.isolation.loaded import LoadedEngines
from stenograf.models import Places, install
from stenograf.pipeline import OnEvent, TranscribeOptions
from stenograf.settings import Settings

Engine = TypeVar("Engine")
InChild = TypeVar("InChild", bound=Isolated)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Engine]):
    """An engine with its weights on disk, and what the document says about the choice.

    `use` is None where the engine says it itself, because that depends on the recording.
    """

    engine: Recipe[Engine]
    use: ModelUse | None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes the engines that one set of options asks for."""

    options: TranscribeOptions
    settings: Settings
    on_event: OnEvent

    @property
    def places(self) -> Places:
        """Where models may lie."""
        return places_from(self.settings)

    def weights(self, model: str) -> Path:
        """The model on disk, fetched first when it is missing and that is allowed."""
        token = self.settings.hf_token
        return install(
            model,
            self.places,
            token=token.get_secret_value() if token else None,
            offline=self.options.offline or self.settings.offline,
            on_progress=lambda fraction: self.on_event(Progress("install", fraction)),
            on_notice=lambda notice: self.on_event(NoticeRaised(notice)),
        )

    def recognizer(self, recipe: Recipe[Recognizer]) -> Recognizer:
        """The recognizer ready to run, or on its way in a child."""
        if not self.options.isolate:
            return recipe.make()
        return _started(IsolatedRecognizer(recipe, self._limits, thrift=_thrift(recipe)))

    def aligner(self, recipe: Recipe[Aligner]) -> Aligner:
        """The aligner ready to run, or on its way in a child."""
        if not self.options.isolate:
            return recipe.make()
        return _started(IsolatedAligner(recipe, self._limits))

    def diarizer(self, recipe: Recipe[Diarizer]) -> Diarizer:
        """The diarizer ready to run, or on its way in a child."""
        if not self.options.isolate:
            return recipe.make()
        return _started(isolated_diarizer(recipe, self._limits))

    def decode(self, keep: LoadedEngines) -> Decode:
        """Decoding here, or in a child that is on its way and stays in `keep`."""
        if not (self.options.isolate and BY_DESCRIPTOR):
            return decode
        decoder: IsolatedDecoder = keep.engine("decode", DECODER, self._decoder)
        return decoder.decode

    def _decoder(self, recipe: Recipe[Any]) -> IsolatedDecoder:
        return _started(IsolatedDecoder(recipe, self._limits))

    @property
    def _limits(self) -> Limits:
        return Limits(hang_s=self.settings.hang_s, idle_s=self.settings.idle_unload_s)


def load(*engines: object) -> None:
    """Wait for engines in children until their weights are loaded; raises what that raises."""
    for engine in engines:
        if isinstance(engine, Isolated):
            engine.load()


def _thrift(recipe: Recipe[Recognizer]) -> Thrift:
    """What is less than the engine takes by itself on its device."""
    appetite = Appetite()
    if tell := getattr(recipe.build, "appetite", None):
        names = ("device", "compute_type", "batch_size")
        appetite = tell(**{name: recipe.keywords.get(name) for name in names})
    return Thrift(usual_batch=appetite.batch_size, compute_types=appetite.compute_types)


def _started(engine: InChild) -> InChild:
    engine.start()
    return engine


def places_from(settings: Settings) -> Places:
    """Where models may lie, as the surroundings say."""
    return Places.usual(
        models_dir=settings.models_dir,
        whisper_cache_dir=settings.whisper_cache_dir,
        pyannote_model_path=settings.pyannote_model_path,
    )
