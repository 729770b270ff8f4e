"""What a file's first bytes say about the rest, where FFmpeg keeps it to itself."""

from __future__ import annotations

import struct
from typing import BinaryIO

HEAD_BYTES = 1 << 16
MP3_FRAME_BYTES = 1_441  # the largest frame of MPEG-1 layer III: 320 kbit/s at 32 kHz

# Writers that cannot go back leave sizes from here up: "until the end of the file".
PLACEHOLDER_BYTES = 0x7FFF_0000

_ASF_HEADER = b"0&\xb2u\x8ef\xcf\x11"
_ASF_FILE_PROPERTIES = b"\xa1\xdc\xab\x8cG\xa9\xcf\x11\x8e\xe4\0\xc0\x0c Se"
_ASF_FILE_SIZE_AT = 40  # bytes behind the start of the object: GUID, object size, file id

_SIGNATURES = (
    (0, b"RIFF"), (0, b"RIFX"), (0, b"RF64"), (0, b"riff"), (0, b"FORM"), (0, b"fLaC"),
    (0, b"OggS"), (0, b"ID3"), (0, b"#!AMR"), (0, b".snd"), (0, b"caff"), (0, b"wvpk"),
    (0, b"FLV"), (0, b"MAC "), (0, b"\x1aE\xdf\xa3"), (0, _ASF_HEADER),
    (4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide"), (0, b"\xff\xfb"), (0, b"\xff\xf3"),
    (0, b"\xff\xf1"), (0, b"\xff\xf9"),
)  # fmt: skip


def looks_like_media(file: BinaryIO) -> bool:
    """Whether the file begins as a recording does, so that it is broken rather than foreign."""
    head = _read(file, 16)
    return any(head[at : at + len(sign)] == sign for at, sign in _SIGNATURES)


def mp3_frame_count(file: BinaryIO) -> int | None:
    """Frames that an MP3 says it has, in a Xing, Info or VBRI tag of its first frame.

    Without one, and where two files were glued together, FFmpeg's duration is only the size
    divided by the first frame's bit rate.
    """
    head = _read(file, 10)
    start = 10 + _syncsafe(head[6:10]) if head.startswith(b"ID3") and len(head) == 10 else 0
    frame = _read(file, MP3_FRAME_BYTES, start=start)
    for tag, count_at in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        at = frame.find(tag)
        if at < 0 or len(frame) < at + count_at + 4:
            continue
        if tag == b"VBRI" or frame[at + 7] & 1:  # the flag that a count follows
            return int.from_bytes(frame[at + count_at : at + count_at + 4], "big")
    return None


def promised_bytes(file: BinaryIO) -> int | None:
    """The size that a WAV, AVI, AIFF or WMA header gives for the whole file.

    FFmpeg trims the durations of these to what is there, and so hides that a file was cut.
    """
    head = _read(file, HEAD_BYTES)
    promised = None
    if head[:4] in {b"RIFF", b"FORM"} and len(head) >= 8:
        order = "<I" if head.startswith(b"RIFF") else ">I"
        promised = struct.unpack(order, head[4:8])[0] + 8
    elif head.startswith(_ASF_HEADER) and _ASF_FILE_PROPERTIES in head:
        at = head.index(_ASF_FILE_PROPERTIES) + _ASF_FILE_SIZE_AT
        promised = int.from_bytes(head[at : at + 8], "little")
    return promised if promised is not None and promised < PLACEHOLDER_BYTES else None


def _read(file: BinaryIO, n_bytes: int, *, start: int = 0) -> bytes:
    """Bytes of the file; its position stays where FFmpeg, which may be reading, left it."""
    position = file.tell()
    file.seek(start)
    content = file.read(n_bytes)
    file.seek(position)
    return content


def _syncsafe(digits: bytes) -> int:
    """A number in 7 bits per byte, as ID3v2 writes the size of its tag."""
    return sum((digit & 0x7F) << shift for digit, shift in zip(digits, (21, 14, 7, 0), strict=True))
