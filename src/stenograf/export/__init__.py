"""A transcript as text or bytes: one file per format."""

from stenograf.core.transcript import Transcript
from stenograf.export.formats import FORMATS, Format, format_named, render

__all__ = ["FORMATS", "Format", "format_named", "read_json", "render", "to_json"]


def read_json(data: bytes) -> Transcript:
    """The document in a .json file that some version of Stenograf wrote.

    Raises DocumentInvalidError, naming the place, and DocumentTooNewError.
    """
    from stenograf.export.json import read_json as read

    return read(data)


def to_json(transcript: Transcript) -> bytes:
    """The document as JSON in UTF-8, described by docs/schema/transcript-1.json."""
    return render(transcript, "json")
