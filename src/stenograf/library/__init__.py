"""What is kept: recordings, transcripts with their history, keys, uploads; found by words."""

from stenograf.library.library import Library, open_library
from stenograf.library.recordings import Reception
from stenograf.library.records import (
    SCOPES,
    EnrolledVoice,
    Hit,
    Key,
    MadeBy,
    Page,
    Revision,
    Scope,
    StoredMinutes,
    StoredRecording,
    StoredTranscript,
    Swept,
    Upload,
    VoiceSource,
)
from stenograf.library.uploads import Continuation

__all__ = [
    "SCOPES",
    "Continuation",
    "EnrolledVoice",
    "Hit",
    "Key",
    "Library",
    "MadeBy",
    "Page",
    "Reception",
    "Revision",
    "Scope",
    "StoredMinutes",
    "StoredRecording",
    "StoredTranscript",
    "Swept",
    "Upload",
    "VoiceSource",
    "open_library",
]
