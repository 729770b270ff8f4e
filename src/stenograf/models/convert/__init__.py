"""Checkpoints into the forms that run without torch."""

from stenograf.models.convert.ge2e import convert_ge2e

__all__ = ["convert_ge2e"]
