"""Wiring: the only file that names concrete engines."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Final, Generic, TypeVar, Unpack

from stenograf.core.errors import (
    AccessError,
    DownloadError,
    EngineUnavailableError,
    ModelError,
    ModelInvalidError,
    OfflineError,
    UnsupportedError,
)
from stenograf.core.events import NoticeRaised, Progress
from stenograf.core.ports import Diarizer, Recognizer, VoiceDetector
from stenograf.core.transcript import ModelUse, Notice, Transcript
from stenograf.models import Places, install, locate
from stenograf.models.bundled import pocketsphinx_weights, silero_weights
from stenograf.pipeline import (
    OnEvent,
    Pipeline,
    TranscribeKeywords,
    TranscribeOptions,
    ignore_event,
)
from stenograf.settings import Settings

DEFAULT_MODEL: Final = "small"
"""Good in many languages, and half a gigabyte: nobody waits 20 minutes for a first result."""

CORES_OF_ONE_ENGINE: Final = 4
"""What one runtime keeps busy; without more, side by side gains nothing (benchmarks.whole)."""

Engine = TypeVar("Engine")


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Engine]):
    """An engine with its weights loaded, and what the document says about the choice.

    `use` is None where the engine says it itself, because that depends on the recording.
    """

    engine: Engine
    use: ModelUse | None
    notices: tuple[Notice, ...] = ()


def transcribe(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    on_event: OnEvent = ignore_event,
    **options: Unpack[TranscribeKeywords],
) -> Transcript:
    """Who said what, when, in one recording.

    `source` is a path or a binary stream, `name` what to call a stream; `options` are the fields
    of TranscribeOptions. For many recordings, `prepare` once and `run` for each.

    Raises AudioError, ModelError, EngineError or OptionError.
    """
    asked = TranscribeOptions(**options)
    pipeline = prepare(asked, on_event=on_event)
    return pipeline.run(_as_source(source), asked, name=name, on_event=on_event)


def diarize(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    on_event: OnEvent = ignore_event,
    **options: Unpack[TranscribeKeywords],
) -> Transcript:
    """Who speaks when in one recording: a document with turns and without words."""
    asked = TranscribeOptions(**options)
    pipeline = prepare(asked, recognize=False, on_event=on_event)
    return pipeline.run(_as_source(source), asked, name=name, on_event=on_event)


def prepare(
    options: TranscribeOptions,
    *,
    recognize: bool = True,
    on_event: OnEvent = ignore_event,
) -> Pipeline:
    """Engines chosen, models fetched where they are missing, weights loaded.

    Raises ModelError when a model cannot be had, EngineError when an engine cannot be used.
    """
    workshop = _Workshop(options, Settings(), on_event)
    detector = workshop.detector()
    recognizer = workshop.recognizer() if recognize else None
    diarizer = workshop.diarizer() if options.diarize else None
    chosen = [part for part in (detector, recognizer, diarizer) if part is not None]
    return Pipeline(
        detector=detector.engine,
        recognizer=recognizer.engine if recognizer else None,
        diarizer=diarizer.engine if diarizer else None,
        models=tuple(part.use for part in chosen if part.use is not None),
        notices=tuple(notice for part in chosen for notice in part.notices),
        side_by_side=(os.cpu_count() or 1) > CORES_OF_ONE_ENGINE,
    )


@dataclass(frozen=True, slots=True)
class _Workshop:
    """Makes the engines that one set of options asks for."""

    options: TranscribeOptions
    settings: Settings
    on_event: OnEvent

    def detector(self) -> Chosen[VoiceDetector]:
        from stenograf.engines.vad.silero import SileroDetector

        use = ModelUse("detect", "silero", "silero-vad-v6", reason="the only detector")
        return Chosen(SileroDetector(silero_weights()), use)

    def recognizer(self) -> Chosen[Recognizer]:
        chosen = _named(RECOGNIZERS, self.options.engine)(self)
        _check_language(chosen.engine, self.options)
        return chosen

    def diarizer(self) -> Chosen[Diarizer]:
        return _named(DIARIZERS, self.options.diarizer)(self)

    def weights(self, model: str) -> Path:
        """The model on disk, fetched first when it is missing and that is allowed."""
        token = self.settings.hf_token
        return install(
            model,
            places_from(self.settings),
            token=token.get_secret_value() if token else None,
            offline=self.options.offline or self.settings.offline,
            on_progress=lambda fraction: self.on_event(Progress("install", fraction)),
            on_notice=lambda notice: self.on_event(NoticeRaised(notice)),
        )


def places_from(settings: Settings) -> Places:
    """Where models may lie, as the surroundings say."""
    return Places.usual(
        models_dir=settings.models_dir,
        whisper_cache_dir=settings.whisper_cache_dir,
        pyannote_model_path=settings.pyannote_model_path,
    )


def _faster_whisper(workshop: _Workshop, reason: str = "asked for") -> Chosen[Recognizer]:
    from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer

    model = workshop.options.model or DEFAULT_MODEL
    engine = FasterWhisperRecognizer(
        workshop.weights(model),
        device=workshop.options.device,
        compute_type=workshop.options.compute_type,
    )
    return Chosen(engine, ModelUse("recognize", engine.name, Path(model).name, reason=reason))


def _pocketsphinx(workshop: _Workshop, reason: str = "asked for") -> Chosen[Recognizer]:
    from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer

    engine = PocketSphinxRecognizer(pocketsphinx_weights())
    return Chosen(engine, ModelUse("recognize", engine.name, "en-us", reason=reason))


def _auto_recognizer(workshop: _Workshop) -> Chosen[Recognizer]:
    """Whisper; where no model can be had, English falls back to PocketSphinx and says so."""
    try:
        return _faster_whisper(workshop, "the default")
    except ModelInvalidError:
        raise
    except ModelError as error:
        english = workshop.options.language == "en" and workshop.options.model is None
        if not english or find_spec("pocketsphinx") is None:
            raise
        chosen = _pocketsphinx(workshop, f"no Whisper model: {error}")
        return Chosen(chosen.engine, chosen.use, (_fallback(error),))


def _fallback(error: ModelError) -> Notice:
    return Notice(
        "engine.fallback",
        "No Whisper model can be had, so words come from PocketSphinx, which makes many mistakes.",
        "What to do about it: stenograf models where {model}",
        {"model": DEFAULT_MODEL, "cause": error.code},
    )


def _basic(workshop: _Workshop, reason: str = "asked for") -> Chosen[Diarizer]:
    from stenograf.engines.diarization.basic import BasicDiarizer

    engine = BasicDiarizer(workshop.weights("ge2e"))
    return Chosen(engine, ModelUse("diarize", engine.name, "ge2e", reason=reason))


def _onnx(workshop: _Workshop, reason: str = "asked for") -> Chosen[Diarizer]:
    """Pyannote's community-1 without torch: all of its parts come without an account."""
    from stenograf.engines.diarization.labelling import VbxLabeller
    from stenograf.engines.diarization.onnx import OnnxDiarizer
    from stenograf.engines.diarization.plda import load_plda
    from stenograf.engines.diarization.resnet import ResNetEmbedder

    voices, plda = workshop.weights("wespeaker-resnet34"), workshop.weights("community-1-plda")
    n_threads = os.cpu_count() or 1
    embedder = ResNetEmbedder(voices / "trunk.onnx", voices / "head.npz", n_threads=n_threads)
    engine = OnnxDiarizer(
        workshop.weights("segmentation-3.0"),
        embedder,
        VbxLabeller(load_plda(plda)),
        n_threads=n_threads,
    )
    model = "segmentation-3.0 + wespeaker-resnet34 + community-1-plda"
    return Chosen(engine, ModelUse("diarize", engine.name, model, reason=reason))


def _by_voice(workshop: _Workshop) -> Chosen[Diarizer]:
    """The best engine whose models can be had."""
    try:
        return _onnx(workshop, "the default")
    except (AccessError, DownloadError, OfflineError) as error:
        return _basic(workshop, f"the models of onnx cannot be had ({error.code})")


def _auto_diarizer(workshop: _Workshop) -> Chosen[Diarizer]:
    """By channel where a recording is a call, else by voice."""
    from stenograf.engines.diarization.auto import AutoDiarizer
    from stenograf.engines.diarization.channels import ChannelsDiarizer

    voices = _by_voice(workshop)
    channels = ChannelsDiarizer(workshop.detector().engine, voices.engine)
    return Chosen(AutoDiarizer(channels, voices.engine, voices.use), None)


def _channels(workshop: _Workshop) -> Chosen[Diarizer]:
    """Works without any model; one of voices serves several people on one channel."""
    from stenograf.engines.diarization.channels import ChannelsDiarizer

    try:
        voices = _by_voice(workshop).engine
    except (DownloadError, OfflineError):
        voices = None
    engine = ChannelsDiarizer(workshop.detector().engine, voices)
    return Chosen(engine, ModelUse("diarize", engine.name, "none", reason="asked for"))


COMMUNITY_1: Final = "pyannote/speaker-diarization-community-1"
DIARIZATION_3_1: Final = "pyannote/speaker-diarization-3.1"
PARTS_OF_3_1: Final = ("pyannote/segmentation-3.0", "pyannote/wespeaker-voxceleb-resnet34-LM")


def _pyannote(workshop: _Workshop, pipeline: str = COMMUNITY_1) -> Chosen[Diarizer]:
    from stenograf.engines.diarization.pyannote import PyannoteDiarizer

    places = places_from(workshop.settings)
    weights = workshop.weights(pipeline)
    parts = {name: locate(name, places) for name in PARTS_OF_3_1}
    engine = PyannoteDiarizer(
        weights,
        parts={name: found.path for name, found in parts.items() if found is not None},
        device=workshop.options.device,
    )
    return Chosen(engine, ModelUse("diarize", engine.name, pipeline, reason="asked for"))


RECOGNIZERS: Final[dict[str, Callable[[_Workshop], Chosen[Recognizer]]]] = {
    "auto": _auto_recognizer,
    "faster-whisper": _faster_whisper,
    "pocketsphinx": _pocketsphinx,
}
DIARIZERS: Final[dict[str, Callable[[_Workshop], Chosen[Diarizer]]]] = {
    "auto": _auto_diarizer,
    "basic": _basic,
    "channels": _channels,
    "onnx": _onnx,
    "pyannote": _pyannote,
    COMMUNITY_1: _pyannote,
    DIARIZATION_3_1: lambda workshop: _pyannote(workshop, DIARIZATION_3_1),
}


def _named(
    makers: dict[str, Callable[[_Workshop], Chosen[Engine]]], name: str
) -> Callable[[_Workshop], Chosen[Engine]]:
    try:
        return makers[name]
    except KeyError:
        raise EngineUnavailableError(
            "There is no engine {name}.",
            hint="Choose one of {known}.",
            name=name,
            known=", ".join(makers),
        ) from None


def _check_language(engine: Recognizer, options: TranscribeOptions) -> None:
    known = engine.capabilities.languages
    if options.language is not None and known is not None and options.language not in known:
        raise UnsupportedError(
            "The engine {engine} does not know the language {language}.",
            engine=engine.name,
            language=options.language,
        )
    if options.task == "translate" and not engine.capabilities.translates:
        raise UnsupportedError("The engine {engine} cannot translate.", engine=engine.name)


def _as_source(source: str | Path | BinaryIO) -> Path | BinaryIO:
    return Path(source) if isinstance(source, str) else source
