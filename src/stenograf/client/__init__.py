"""A client of a Stenograf server: the same verbs, somewhere else."""

from stenograf.client.answers import JobState, OnServerEvent, ServerEvent
from stenograf.client.client import Client

__all__ = ["Client", "JobState", "OnServerEvent", "ServerEvent"]
