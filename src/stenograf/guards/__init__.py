"""Questions to what a recognizer wrote: is it invented, looped or missing? Pure functions."""

from stenograf.guards.judge import GUARDS, Guard, doubtful_parts, needs_voice, objections
from stenograf.guards.passage import Passage

__all__ = ["GUARDS", "Guard", "Passage", "doubtful_parts", "needs_voice", "objections"]
