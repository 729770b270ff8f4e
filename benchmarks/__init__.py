"""Measurements: one file per question; README.md holds the last tables."""
