"""Weights: what exists, where it lies, how it arrives, how it is converted."""
