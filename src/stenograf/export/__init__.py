"""A transcript as text or bytes: one file per format."""

from typing import Final

from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Transcript
from stenograf.export.formats import FORMATS, Format, format_named, render

__all__ = [
    "EVIDENCE_SUFFIX",
    "FORMATS",
    "Format",
    "format_named",
    "read_evidence",
    "read_json",
    "render",
    "render_evidence",
    "to_json",
]

EVIDENCE_SUFFIX: Final = ".speakers.npz"
"""Ends the name of the evidence file that lies beside `<stem>.json`."""


def read_json(data: bytes) -> Transcript:
    """The document in a .json file that some version of Stenograf wrote.

    Raises DocumentInvalidError, naming the place, and DocumentTooNewError.
    """
    from stenograf.export.json import read_json as read

    return read(data)


def to_json(transcript: Transcript) -> bytes:
    """The document as JSON in UTF-8, described by docs/schema/transcript-3.json."""
    return render(transcript, "json")


def read_evidence(data: bytes) -> SpeakerEvidence:
    """The voices in a .speakers.npz file, to tell speakers apart again or to split one.

    Raises DocumentInvalidError and DocumentTooNewError; nothing in the file is ever run.
    """
    from stenograf.export.evidence import read_evidence as read

    return read(data)


def render_evidence(evidence: SpeakerEvidence) -> bytes:
    """The voices as a .speakers.npz file."""
    from stenograf.export.evidence import render_evidence as rendered

    return rendered(evidence)
