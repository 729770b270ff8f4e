"""The way of one recording, from sound to document."""

from stenograf.pipeline.options import TranscribeKeywords, TranscribeOptions
from stenograf.pipeline.parts import NoParts, Parts
from stenograf.pipeline.transcribe import Pipeline
from stenograf.pipeline.watch import OnEvent, ignore_event

__all__ = [
    "NoParts",
    "OnEvent",
    "Parts",
    "Pipeline",
    "TranscribeKeywords",
    "TranscribeOptions",
    "ignore_event",
]
