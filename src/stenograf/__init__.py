"""Who said what, when: transcripts with speakers, made on your own machine."""

from stenograf._version import __version__

__all__ = ["__version__"]
