"""Wiring: with `recognizers` and `speakers` the only file that names concrete engines."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Unpack

from pydantic import SecretStr

from stenograf.aligners import choose_aligner
from stenograf.core.errors import AccessError, DownloadError, OfflineError
from stenograf.core.ports import Aligner, Diarizer, Recognizer, VoiceDetector
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Transcript
from stenograf.core.waveform import Waveform
from stenograf.isolation import Recipe
from stenograf.isolation.loaded import LoadedEngines
from stenograf.models import locate
from stenograf.models.bundled import silero_weights
from stenograf.pipeline import (
    OnEvent,
    Pipeline,
    TranscribeKeywords,
    TranscribeOptions,
    ignore_event,
)
from stenograf.pipeline.options import listed
from stenograf.recognizers import RECOGNIZERS, choose_recognizer, named
from stenograf.settings import Settings
from stenograf.workshop import Chosen, Workshop, load, places_from

__all__ = [
    "DIARIZERS",
    "RECOGNIZERS",
    "diarize",
    "fetch",
    "options_from",
    "places_from",
    "prepare",
    "transcribe",
]

CORES_OF_ONE_ENGINE: Final = 4
"""What one runtime keeps busy; without more, side by side gains nothing (benchmarks.whole)."""


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
    asked = options_from(**options)
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
    asked = options_from(**options)
    pipeline = prepare(asked, recognize=False, on_event=on_event)
    return pipeline.run(_as_source(source), asked, name=name, on_event=on_event)


def options_from(**options: Unpack[TranscribeKeywords]) -> TranscribeOptions:
    """The options, with what the settings say where the caller says nothing."""
    if not options.get("languages"):
        options["languages"] = listed(Settings().languages)
    return TranscribeOptions(**options)


def prepare(
    options: TranscribeOptions,
    *,
    recognize: bool = True,
    on_event: OnEvent = ignore_event,
    loaded: LoadedEngines | None = None,
) -> Pipeline:
    """Engines chosen, models fetched where they are missing, weights loaded.

    Engines in `loaded` are used again, and those made now are kept there.
    Raises ModelError when a model cannot be had, EngineError when an engine cannot be used.
    """
    workshop = Workshop(options, Settings(), on_event)
    detector, recognizer, aligner, diarizer = _choices(workshop, recognize=recognize)
    chosen = [part for part in (detector, recognizer, aligner, diarizer) if part is not None]
    keep = loaded or LoadedEngines()
    decode = workshop.decode(keep)  # first: its process starts while weights are looked for
    pipeline = Pipeline(
        detector=keep.engine("detect", detector.engine, Recipe.make),
        recognizer=keep.engine("recognize", recognizer.engine, workshop.recognizer)
        if recognizer
        else None,
        witness=_witness() if recognizer and options.guards else None,
        aligner=keep.engine("align", aligner.engine, workshop.aligner) if aligner else None,
        own_speech=_own_speech,
        diarizer=keep.engine("diarize", diarizer.engine, workshop.diarizer) if diarizer else None,
        models=tuple(part.use for part in chosen if part.use is not None),
        notices=tuple(notice for part in chosen for notice in part.notices),
        side_by_side=(os.cpu_count() or 1) > CORES_OF_ONE_ENGINE,
        decode=decode,
    )
    load(pipeline.recognizer, pipeline.aligner, pipeline.diarizer)
    return pipeline


def fetch(
    options: TranscribeOptions, *, recognize: bool = True, token: SecretStr | None = None
) -> None:
    """Bring what `prepare` would need to this disk, and load nothing.

    `token` is for the model hub, in place of the one in the settings; nobody keeps it.
    Raises as `prepare` does.
    """
    settings = Settings()
    if token is not None:
        settings = settings.model_copy(update={"hf_token": token})
    _choices(Workshop(options, settings, ignore_event), recognize=recognize)


def _choices(
    workshop: Workshop, *, recognize: bool
) -> tuple[
    Chosen[VoiceDetector],
    Chosen[Recognizer] | None,
    Chosen[Aligner] | None,
    Chosen[Diarizer] | None,
]:
    options = workshop.options
    diarizer = (
        named(DIARIZERS, options.diarizer) if options.diarize else None
    )  # nothing fetched yet
    return (
        _detector(),
        choose_recognizer(workshop) if recognize else None,
        choose_aligner(workshop) if recognize else None,
        diarizer(workshop) if diarizer else None,
    )


def _detector() -> Chosen[VoiceDetector]:
    from stenograf.engines.vad.silero import SileroDetector

    use = ModelUse("detect", "silero", "silero-vad-v6", reason="the only detector")
    return Chosen(Recipe.of(SileroDetector, silero_weights()), use)


def _witness() -> VoiceDetector:
    """The same network, strict: what it hears is voice beyond doubt."""
    from stenograf.engines.vad.hysteresis import BEYOND_DOUBT
    from stenograf.engines.vad.silero import SileroDetector

    return SileroDetector(silero_weights(), options=BEYOND_DOUBT)


def _own_speech(
    channels: Sequence[Waveform], speech: Sequence[Sequence[Span]]
) -> tuple[tuple[Span, ...], ...]:
    """Imported when a recording has channels that differ: it needs scipy."""
    from stenograf.engines.diarization.bleed import own_speech

    return own_speech(channels, speech)


def _basic(workshop: Workshop, reason: str = "asked for") -> Chosen[Diarizer]:
    from stenograf.engines.diarization.basic import BasicDiarizer

    engine = Recipe.of(BasicDiarizer, workshop.weights("ge2e"))
    return Chosen(engine, ModelUse("diarize", engine.name, "ge2e", reason=reason))


def _onnx(workshop: Workshop, reason: str = "asked for", *, hop_s: float = 1.0) -> Chosen[Diarizer]:
    """Pyannote's community-1 without torch: all of its parts come without an account."""
    from stenograf.engines.diarization.labelling import VbxLabeller
    from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
    from stenograf.engines.diarization.plda import load_plda
    from stenograf.engines.diarization.resnet import ResNetEmbedder

    voices, plda = workshop.weights("wespeaker-resnet34"), workshop.weights("community-1-plda")
    n_threads = os.cpu_count() or 1
    trunk, head = voices / "trunk.onnx", voices / "head.npz"
    engine = Recipe.of(
        OnnxDiarizer,
        workshop.weights("segmentation-3.0"),
        Recipe.of(ResNetEmbedder, trunk, head, n_threads=n_threads),
        Recipe.of(VbxLabeller, Recipe.of(load_plda, plda)),
        options=OnnxOptions(hop_s=hop_s),
        n_threads=n_threads,
    )
    model = "segmentation-3.0 + wespeaker-resnet34 + community-1-plda"
    return Chosen(engine, ModelUse("diarize", engine.name, model, reason=reason))


def _onnx_ge2e(workshop: Workshop) -> Chosen[Diarizer]:
    """The same way with the small encoder of `basic`, which needs no model hub."""
    from stenograf.engines.diarization.labelling import CentredLabeller
    from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
    from stenograf.engines.diarization.onnx import OnnxDiarizer

    n_threads = os.cpu_count() or 1
    engine = Recipe.of(
        OnnxDiarizer,
        workshop.weights("segmentation-3.0"),
        Recipe.of(MaskedGe2eEmbedder, workshop.weights("ge2e"), n_threads=n_threads),
        Recipe.of(CentredLabeller),
        n_threads=n_threads,
    )
    return Chosen(
        engine, ModelUse("diarize", engine.name, "segmentation-3.0 + ge2e", reason="asked for")
    )


def _by_voice(workshop: Workshop) -> Chosen[Diarizer]:
    """The best engine whose models can be had."""
    try:
        return _onnx(workshop, "the default")
    except (AccessError, DownloadError, OfflineError) as error:
        return _basic(workshop, f"the models of onnx cannot be had ({error.code})")


def _auto_diarizer(workshop: Workshop) -> Chosen[Diarizer]:
    """By channel where a recording is a call, else by voice."""
    from stenograf.engines.diarization.auto import AutoDiarizer
    from stenograf.engines.diarization.channels import ChannelsDiarizer

    voices = _by_voice(workshop)
    channels = Recipe.of(ChannelsDiarizer, _detector().engine, voices.engine)
    return Chosen(Recipe.of(AutoDiarizer, channels, voices.engine, voices.use), None)


def _channels(workshop: Workshop) -> Chosen[Diarizer]:
    """Works without any model; one of voices serves several people on one channel."""
    from stenograf.engines.diarization.channels import ChannelsDiarizer

    try:
        voices = _by_voice(workshop).engine
    except (DownloadError, OfflineError):
        voices = None
    engine = Recipe.of(ChannelsDiarizer, _detector().engine, voices)
    return Chosen(engine, ModelUse("diarize", engine.name, "none", reason="asked for"))


COMMUNITY_1: Final = "pyannote/speaker-diarization-community-1"
DIARIZATION_3_1: Final = "pyannote/speaker-diarization-3.1"
PARTS_OF_3_1: Final = ("pyannote/segmentation-3.0", "pyannote/wespeaker-voxceleb-resnet34-LM")


def _pyannote(workshop: Workshop, pipeline: str = COMMUNITY_1) -> Chosen[Diarizer]:
    from stenograf.engines.diarization.pyannote import PyannoteDiarizer

    places = workshop.places
    weights = workshop.weights(pipeline)
    parts = {name: locate(name, places) for name in PARTS_OF_3_1}
    engine = Recipe.of(
        PyannoteDiarizer,
        weights,
        parts={name: found.path for name, found in parts.items() if found is not None},
        device=workshop.options.device,
    )
    return Chosen(engine, ModelUse("diarize", engine.name, pipeline, reason="asked for"))


DIARIZERS: Final[dict[str, Callable[[Workshop], Chosen[Diarizer]]]] = {
    "auto": _auto_diarizer,
    "basic": _basic,
    "channels": _channels,
    "onnx": _onnx,
    "onnx-2s": lambda workshop: _onnx(workshop, hop_s=2.0),
    "onnx-ge2e": _onnx_ge2e,
    "pyannote": _pyannote,
    COMMUNITY_1: _pyannote,
    DIARIZATION_3_1: lambda workshop: _pyannote(workshop, DIARIZATION_3_1),
}


def _as_source(source: str | Path | BinaryIO) -> Path | BinaryIO:
    return Path(source) if isinstance(source, str) else source
