"""Weights: what exists, where it lies, how it arrives, how it is converted."""

from stenograf.models.catalog import Entry, catalog, entry
from stenograf.models.install import install, remove
from stenograf.models.locate import Located, Story, folder_size, locate, where
from stenograf.models.places import Places

__all__ = [
    "Entry", "Located", "Places", "Story", "catalog", "entry", "folder_size", "install", "locate",
    "remove", "where",
]  # fmt: skip
