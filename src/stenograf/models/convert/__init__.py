"""Checkpoints into the forms that run without torch."""

from stenograf.models.convert.ge2e import convert_ge2e
from stenograf.models.convert.ggml import convert_ggml
from stenograf.models.convert.segmentation import convert_segmentation
from stenograf.models.convert.wespeaker import convert_wespeaker
from stenograf.models.convert.whisper import convert_whisper

__all__ = [
    "convert_ge2e",
    "convert_ggml",
    "convert_segmentation",
    "convert_wespeaker",
    "convert_whisper",
]
