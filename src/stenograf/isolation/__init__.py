"""Engines in a process of their own, so that a crash of native code is an error and no more.

    recipe = Recipe.of(FasterWhisperRecognizer, weights, device="cpu")
    recognizer = IsolatedRecognizer(recipe, Limits(hang_s=60.0))

is a Recognizer like any other: `Pipeline` does not notice. Its child is started by the first job
(or by `load`, or `start`, which does not wait), keeps the model for the next job, ends when idle
for long, and ends with the parent however that ends. A child that crashes, runs out of memory or
hangs is an EngineError with its last words as the detail `output`; the next job gets a new child.
Several threads may share one engine; its child does their jobs one after another. `close` ends
the child at once. docs/isolation.md tells the rest.
"""

from stenograf.isolation.decoding import DECODER, IsolatedDecoder
from stenograf.isolation.engines import (
    Isolated,
    IsolatedAligner,
    IsolatedDetector,
    IsolatedDiarizer,
    IsolatedRecognizer,
    isolated_diarizer,
)
from stenograf.isolation.recipe import Recipe
from stenograf.isolation.sound import BY_DESCRIPTOR
from stenograf.isolation.thrift import Thrift
from stenograf.isolation.vitals import Limits

__all__ = [
    "BY_DESCRIPTOR",
    "DECODER",
    "Isolated",
    "IsolatedAligner",
    "IsolatedDecoder",
    "IsolatedDetector",
    "IsolatedDiarizer",
    "IsolatedRecognizer",
    "Limits",
    "Recipe",
    "Thrift",
    "isolated_diarizer",
]
