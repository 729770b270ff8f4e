"""Which recognizer runs, with which weights, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from stenograf.choosing import DEFAULT_MODEL, Machine, choose, file_first, model_for
from stenograf.core.errors import (
    EngineUnavailableError,
    ModelError,
    ModelInvalidError,
    ModelUnknownError,
    UnsupportedError,
)
from stenograf.core.events import NoticeRaised
from stenograf.core.ports import Recognizer
from stenograf.core.transcript import ModelUse, Notice
from stenograf.isolation import Recipe
from stenograf.messages import later, localize
from stenograf.models import entry
from stenograf.models.bundled import pocketsphinx_weights
from stenograf.pipeline import TranscribeOptions
from stenograf.workshop import Chosen, Engine, Workshop

ASKED: Final = "asked for"
CODE: Final = re.compile("[a-z]{2,3}(-[A-Za-z]+)?")  # ISO 639, as Whisper's haw and yue
READS_AS: Final = {"whisperx": "faster-whisper"}
"""Engines that read the models of another one."""

OR_ENGLISH: Final = later(
    "{advice} If the recording is in English, say so (language=en): PocketSphinx is installed and "
    "needs no model."
)

DEFAULT_GIGAAM: Final = "gigaam-v3"
"""What the engine onnx takes where nobody names a model."""


def choose_recognizer(workshop: Workshop) -> Chosen[Recognizer]:
    """The engine asked for with its weights on disk, checked against the language and the task."""
    _check_codes(workshop.options)
    chosen = named(RECOGNIZERS, workshop.options.engine)(workshop)
    _check_language(chosen.engine, workshop.options)
    workshop.on_event(NoticeRaised(_told(chosen)))
    return replace(chosen, notices=(*chosen.notices, *_ignored(chosen.engine, workshop.options)))


def _told(chosen: Chosen[Recognizer]) -> Notice:
    """Which engine, which file and why, for whoever looks on; the document says it in its way."""
    return Notice(
        "engine.chosen",
        "Words come from {engine} with {path} ({reason}).",
        details={
            "engine": chosen.engine.name,
            "path": str(chosen.engine.arguments[0]),
            "reason": chosen.use.reason if chosen.use else ASKED,
        },
    )


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


def _faster_whisper(
    workshop: Workshop, model: str | None = None, reason: str = ASKED
) -> Chosen[Recognizer]:
    from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer

    return _with_model(workshop, FasterWhisperRecognizer, model, reason, compute_type=True)


def _whisper(
    workshop: Workshop, model: str | None = None, reason: str = ASKED
) -> Chosen[Recognizer]:
    from stenograf.engines.asr.whisper import OpenaiWhisperRecognizer

    return _with_model(workshop, OpenaiWhisperRecognizer, model, reason, compute_type=True)


def _whispercpp(
    workshop: Workshop, model: str | None = None, reason: str = ASKED
) -> Chosen[Recognizer]:
    from stenograf.engines.asr.whispercpp import WhisperCppRecognizer

    return _with_model(workshop, WhisperCppRecognizer, model, reason)


def _whisperx(
    workshop: Workshop, model: str | None = None, reason: str = ASKED
) -> Chosen[Recognizer]:
    """The package where it is installed, else its method by our own means; the reason says so."""
    from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
    from stenograf.engines.asr.whisperx import BATCH_ON_CPU, WhisperXRecognizer

    if find_spec("whisperx"):
        return _with_model(workshop, WhisperXRecognizer, model, reason, compute_type=True)
    reason = "whisperx is not installed: our own batched path instead"
    own = _with_model(workshop, FasterWhisperRecognizer, model, reason, compute_type=True)
    return replace(own, engine=own.engine.but(batch_size=BATCH_ON_CPU))


def _onnx(workshop: Workshop, model: str | None = None, reason: str = ASKED) -> Chosen[Recognizer]:
    from stenograf.engines.asr.onnx import OnnxRecognizer

    model = model or workshop.options.model or DEFAULT_GIGAAM
    chosen = _with_model(workshop, OnnxRecognizer, model, reason)
    return replace(chosen, engine=chosen.engine.but(languages=_languages(model)))


def _with_model(
    workshop: Workshop,
    build: Callable[..., Recognizer],
    model: str | None,
    reason: str,
    *,
    compute_type: bool = False,
) -> Chosen[Recognizer]:
    """An engine on a model in the form that it reads, fetched where it is missing."""
    name: str = build.name  # type: ignore[attr-defined]  # of the class
    reads = READS_AS.get(name, name)
    model = model_for(reads, model or workshop.options.model or DEFAULT_MODEL, workshop.places)
    if reason == ASKED:
        reason = f"{file_first(model)}{reason}"
    engine = Recipe.of(build, workshop.weights(model), device=workshop.options.device)
    if compute_type:
        engine = engine.but(compute_type=workshop.options.compute_type)
    return Chosen(engine, ModelUse("recognize", name, Path(model).name, reason=reason))


def _languages(model: str) -> tuple[str, ...]:
    """What the catalog says a model knows; nothing about a folder of somebody's own."""
    try:
        return entry(model).languages
    except ModelUnknownError:
        return ()


def _pocketsphinx(workshop: Workshop, reason: str = ASKED) -> Chosen[Recognizer]:
    from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer

    engine = Recipe.of(PocketSphinxRecognizer, pocketsphinx_weights())
    return Chosen(engine, ModelUse("recognize", engine.name, "en-us", reason=reason))


def _auto_recognizer(workshop: Workshop) -> Chosen[Recognizer]:
    """What suits; where no model can be had, English falls back to PocketSphinx and says so."""
    choice = choose(workshop.options, workshop.places, Machine.here(workshop.options.device))
    try:
        return WITH_MODELS[choice.engine](workshop, choice.model, choice.reason)
    except ModelInvalidError:
        raise
    except ModelError as error:
        options = workshop.options
        allowed = options.languages if options.language is None else (options.language,)
        may_be_english = options.model is None and (not allowed or "en" in allowed)
        if not may_be_english or find_spec("pocketsphinx") is None:
            raise
        if allowed != ("en",):
            error.details["advice"] = f"{(localize(error).hint or '').rstrip('.')}."
            error.hint = OR_ENGLISH
            raise
        chosen = _pocketsphinx(workshop, f"no Whisper model: {str(error).rstrip('.')}")
        return Chosen(chosen.engine, chosen.use, (_fallback(error),))


def _fallback(error: ModelError) -> Notice:
    return Notice(
        "engine.fallback",
        "No Whisper model can be had, so words come from PocketSphinx, which makes many mistakes.",
        "What to do about it: stenograf models where {model}",
        {"model": DEFAULT_MODEL, "cause": error.code},
    )


WITH_MODELS: Final[dict[str, Callable[[Workshop, str | None, str], Chosen[Recognizer]]]] = {
    "faster-whisper": _faster_whisper,
    "whisper": _whisper,
    "whispercpp": _whispercpp,
    "onnx": _onnx,
}
RECOGNIZERS: Final[dict[str, Callable[[Workshop], Chosen[Recognizer]]]] = {
    "auto": _auto_recognizer,
    "faster-whisper": _faster_whisper,
    "whisper": _whisper,
    "whispercpp": _whispercpp,
    "onnx": _onnx,
    "whisperx": _whisperx,
    "pocketsphinx": _pocketsphinx,
}


def _check_codes(options: TranscribeOptions) -> None:
    """Before anything is fetched: no model knows the language "english"."""
    asked = options.languages if options.language is None else (options.language,)
    for code in asked:
        if not CODE.fullmatch(code):
            raise UnsupportedError(
                "{language} is no code of a language.",
                hint="Give two or three small letters, for example en or ru.",
                language=code,
            )


def _check_language(engine: Recipe[Recognizer], options: TranscribeOptions) -> None:
    known = engine.capabilities.languages or frozenset(engine.keywords.get("languages", ()))
    asked = options.languages if options.language is None else (options.language,)
    if asked and known and known.isdisjoint(asked):
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
    mind = {name for name in ("prompt", "hotwords") if getattr(engine.capabilities, name)}
    mind |= engine.keywords.keys() & {"compute_type"}
    for name in ("prompt", "hotwords", "compute_type"):
        if getattr(options, name) and name not in mind:
            yield Notice(
                "option.ignored",
                "The engine {engine} does not mind the option {option}.",
                details={"engine": engine.name, "option": name},
            )
