"""Which aligner finds the times of words, with which weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from stenograf.core.errors import UnsupportedError
from stenograf.core.ports import Aligner
from stenograf.isolation import Recipe
from stenograf.pipeline import TranscribeOptions
from stenograf.workshop import Chosen, Workshop

MODELS: Final = {"en": "wav2vec2-base-960h", "ru": "gigaam-v3-ctc"}
"""The catalog's CTC models by language."""


def choose_aligner(workshop: Workshop) -> Chosen[Aligner] | None:
    """The aligner with its weights on disk; None where the recognizer's own times will do.

    Where nobody says the language, the models of all that it may be are brought. Raises
    UnsupportedError when there is no model for the language, ModelError when it cannot be had.
    """
    options = workshop.options
    if options.align == "attention":
        return None
    from stenograf.engines.align.ctc import ANY_LANGUAGE, CtcAligner, CtcWeights

    names = {ANY_LANGUAGE: options.align_model} if options.align_model else _by_language(options)
    weights = {
        language: CtcWeights(workshop.weights(name), Path(name).name)
        for language, name in names.items()
    }
    return Chosen(Recipe.of(CtcAligner, weights, n_threads=os.cpu_count() or 1), None)


def _by_language(options: TranscribeOptions) -> dict[str, str]:
    """Models for the languages that may be spoken, as far as there are any."""
    expected = (options.language,) if options.language else options.languages or tuple(MODELS)
    names = {language: MODELS[language] for language in expected if language in MODELS}
    if not names:
        raise UnsupportedError(
            "No model for exact word times in the language {language} is known.",
            hint="Give a CTC model in ONNX with --align-model, or leave out --align ctc.",
            language=", ".join(expected),
        )
    return names
