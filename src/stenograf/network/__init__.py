"""Connections to addresses that a user named: only where they may lead, never anywhere else."""

from stenograf.network.addresses import is_allowed
from stenograf.network.requests import Reach, request

__all__ = ["Reach", "is_allowed", "request"]
