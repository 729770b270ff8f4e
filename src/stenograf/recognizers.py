"""Which recognizer runs, with which weights, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from stenograf.core.errors import (
    EngineUnavailableError,
    ModelError,
    ModelInvalidError,
    UnsupportedError,
)
from stenograf.core.ports import Recognizer
from stenograf.core.transcript import ModelUse, Notice
from stenograf.isolation import Recipe
from stenograf.models.bundled import pocketsphinx_weights
from stenograf.pipeline import TranscribeOptions
from stenograf.workshop import Chosen, Engine, Workshop

DEFAULT_MODEL: Final = "small"
"""Good in many languages, and half a gigabyte: nobody waits 20 minutes for a first result."""


def choose_recognizer(workshop: Workshop) -> Chosen[Recognizer]:
    """The engine asked for with its weights on disk, checked against the language and the task."""
    chosen = named(RECOGNIZERS, workshop.options.engine)(workshop)
    _check_language(chosen.engine, workshop.options)
    return replace(chosen, notices=(*chosen.notices, *_ignored(chosen.engine, workshop.options)))


def named(
    makers: dict[str, Callable[[Workshop], Chosen[Engine]]], name: str
) -> Callable[[Workshop], Chosen[Engine]]:
    """What makes the engine of that name; raises EngineUnavailableError with the known names."""
    try:
        return makers[name]
    except KeyError:
        raise EngineUnavailableError(
            "There is no engine {name}.",
            hint="Choose one of {known}.",
            name=name,
            known=", ".join(makers),
        ) from None


def _faster_whisper(workshop: Workshop, reason: str = "asked for") -> Chosen[Recognizer]:
    from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer

    model = workshop.options.model or DEFAULT_MODEL
    engine = Recipe.of(
        FasterWhisperRecognizer,
        workshop.weights(model),
        device=workshop.options.device,
        compute_type=workshop.options.compute_type,
    )
    return Chosen(engine, ModelUse("recognize", engine.name, Path(model).name, reason=reason))


def _pocketsphinx(workshop: Workshop, reason: str = "asked for") -> Chosen[Recognizer]:
    from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer

    engine = Recipe.of(PocketSphinxRecognizer, pocketsphinx_weights())
    return Chosen(engine, ModelUse("recognize", engine.name, "en-us", reason=reason))


def _auto_recognizer(workshop: Workshop) -> Chosen[Recognizer]:
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


RECOGNIZERS: Final[dict[str, Callable[[Workshop], Chosen[Recognizer]]]] = {
    "auto": _auto_recognizer,
    "faster-whisper": _faster_whisper,
    "pocketsphinx": _pocketsphinx,
}


def _check_language(engine: Recipe[Recognizer], options: TranscribeOptions) -> None:
    known = engine.capabilities.languages
    asked = options.languages if options.language is None else (options.language,)
    if asked and known is not None and known.isdisjoint(asked):
        raise UnsupportedError(
            "The engine {engine} does not know the language {language}.",
            engine=engine.name,
            language=", ".join(asked),
        )
    if options.task == "translate" and not engine.capabilities.translates:
        raise UnsupportedError("The engine {engine} cannot translate.", engine=engine.name)
    if options.multilingual and not engine.capabilities.multilingual:
        raise UnsupportedError(
            "The engine {engine} cannot change the language within a recording.", engine=engine.name
        )


def _ignored(engine: Recipe[Recognizer], options: TranscribeOptions) -> Iterator[Notice]:
    """What was asked for and changes nothing."""
    for name in ("prompt", "hotwords"):
        if getattr(options, name) and not getattr(engine.capabilities, name):
            yield Notice(
                "option.ignored",
                "The engine {engine} does not mind the option {option}.",
                details={"engine": engine.name, "option": name},
            )
