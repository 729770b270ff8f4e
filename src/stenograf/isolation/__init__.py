"""Engines in a process of their own, so that a crash of native code is an error and no more."""

from stenograf.isolation.recipe import Recipe

__all__ = ["Recipe"]
