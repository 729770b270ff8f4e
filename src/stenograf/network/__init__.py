"""Connections to addresses that a user named: only where they may lead, never anywhere else."""

from stenograf.network.addresses import is_allowed, is_this_machine
from stenograf.network.attending import attended, pause
from stenograf.network.requests import Reach, Stop, request

__all__ = ["Reach", "Stop", "attended", "is_allowed", "is_this_machine", "pause", "request"]
