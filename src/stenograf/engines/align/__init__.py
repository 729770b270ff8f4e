"""Engines that find the exact times of known words."""
