"""What a document says about a recording that is not as it should be. Codes are stable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stenograf.core.transcript import Notice


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A notice before its numbers are known."""

    code: str
    message: str
    hint: str

    def about(self, **details: Any) -> Notice:
        """The notice with its numbers."""
        return Notice(self.code, self.message, self.hint, details)


TRUNCATED = NoticeKind(
    "audio.truncated",
    "Decoded {decoded_s:.1f} s of {expected_s:.1f} s; the rest is missing or damaged.",
    "The recording or its upload was probably interrupted; get the file again.",
)
DAMAGED = NoticeKind(
    "audio.damaged",
    "Damaged pieces of sound that could not be decoded: {n_errors}.",
    "Words near the damage may be missing or wrong; get the file again.",
)
GAPS = NoticeKind(
    "audio.gaps",
    "The recording has no sound for {gap_s:.1f} s; silence keeps its times right.",
    "Usual for a muted or dropped call; in a plain sound file it means damage.",
)
TIME_JUMPS = NoticeKind(
    "audio.time_jumps",
    "The clock of the recording jumps, {n_jumps} times; its parts were joined.",
    "Times after a jump differ from what a player shows.",
)
SEVERAL_TRACKS = NoticeKind(
    "audio.several_tracks",
    "The file has {n_tracks} sound tracks; track {track} was used.",
    "Export another track to a file of its own to transcribe it.",
)
NOTICE_KINDS = (TRUNCATED, DAMAGED, GAPS, TIME_JUMPS, SEVERAL_TRACKS)
