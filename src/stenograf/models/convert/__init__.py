"""Checkpoints into the forms that run without torch."""

from stenograf.models.convert.ge2e import convert_ge2e
from stenograf.models.convert.segmentation import convert_segmentation
from stenograf.models.convert.wespeaker import convert_wespeaker

__all__ = ["convert_ge2e", "convert_segmentation", "convert_wespeaker"]
