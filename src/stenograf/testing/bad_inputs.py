"""Recordings that go wrong, each with the answer that the product documents for it.

Every case is made on the spot from a few bytes or from a short tone, so that the corpus needs
neither files nor other programs. `docs/formats.md` explains the answers.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stenograf.testing.media import MediaFormat, tone, write_media

Make = Callable[[Path], None]

WAV = MediaFormat("wav", "wav", "pcm_s16le")
FLAC = MediaFormat("flac", "flac", "flac")
MP3 = MediaFormat("mp3", "mp3", "libmp3lame", 44_100)
M4A = MediaFormat("m4a", "ipod", "aac", 44_100)
OPUS = MediaFormat("opus", "opus", "libopus", 48_000)
WEBM = MediaFormat("webm", "webm", "libopus", 48_000)
MKV = MediaFormat("mkv", "matroska", "pcm_s16le")
WMA = MediaFormat("wma", "asf", "wmav2", 44_100)
AIFF = MediaFormat("aiff", "aiff", "pcm_s16be")
AU = MediaFormat("au", "au", "pcm_s16be")
CAF = MediaFormat("caf", "caf", "pcm_s16le")
AMR = MediaFormat("amr", "amr", "libopencore_amrnb", 8_000)
AVI = MediaFormat("avi", "avi", "pcm_s16le", video=True)
MP4 = MediaFormat("mp4", "mp4", "aac", 48_000, video=True)
SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class BadInput:
    """One way to go wrong: `name` is the file's, `how` says what is wrong with it.

    `code` is the error it must end in; when None, the work goes on with the notice `notice`.
    """

    name: str
    how: str
    make: Make
    code: str | None = None
    notice: str | None = None

    def write(self, folder: Path) -> Path:
        """Make it and return where it is; for a missing file, where it would be."""
        path = folder / self.name
        self.make(path)
        return path


def _nothing(path: Path) -> None:
    """Leave the place empty."""


def _content(content: bytes | str) -> Make:
    encoded = content if isinstance(content, bytes) else content.encode()
    return lambda path: _write(path, encoded)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _sound(format: MediaFormat, change: Callable[[bytes], bytes]) -> Make:
    """A good recording in this format, changed."""

    def make(path: Path) -> None:
        write_media(path, tone(SECONDS, rate_hz=format.rate_hz), format)
        path.write_bytes(change(path.read_bytes()))

    return make


def _keep(fraction: float) -> Callable[[bytes], bytes]:
    return lambda content: content[: round(len(content) * fraction)]


def _first(n_bytes: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:n_bytes]


def _until(sign: bytes) -> Callable[[bytes], bytes]:
    """What comes before a sign, after the first bytes of the file."""
    return lambda content: content[: content.index(sign, 8)]


def _wipe_between(start: bytes, end: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        first, last = content.index(start) + len(start), content.rindex(end) - 4
        return content[:first] + b"\0" * (last - first) + content[last:]

    return change


def _overwrite(start: float, end: float, filling: bytes | None = None) -> Callable[[bytes], bytes]:
    """Replace what lies between two fractions of the file by noise, or by a repeated byte."""

    def change(content: bytes) -> bytes:
        first, last = round(len(content) * start), round(len(content) * end)
        noise = random.Random(7).randbytes(last - first)  # noqa: S311  (the same every time)
        return content[:first] + (filling * (last - first) if filling else noise) + content[last:]

    return change


def _patch(at: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content[:at] + value + content[at + len(value) :]


def wav_bytes(  # noqa: PLR0913  (one per field of the header)
    *,
    rate_hz: int = 16_000,
    n_channels: int = 1,
    bits: int = 16,
    tag: int = 1,
    block_align: int = 2,
    data: bytes = b"\0\1" * 16_000,
    claimed_bytes: int | None = None,
) -> bytes:
    """A WAV file whose header says whatever it is told to."""
    claimed = len(data) if claimed_bytes is None else claimed_bytes
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", min(36 + claimed, 0xFFFF_FFFF), b"WAVE", b"fmt ", 16, tag,
        n_channels, rate_hz, min(rate_hz * block_align, 0xFFFF_FFFF), block_align, bits, b"data",
        claimed,
    )  # fmt: skip
    return header + data


def _without_sound(muxer: str) -> Make:
    def make(path: Path) -> None:
        import av

        from stenograf.testing.media import write_black

        with av.open(str(path), "w", format=muxer) as output:
            write_black(output)

    return make


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


_NOISE = random.Random(1).randbytes(60_000)  # noqa: S311
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
_PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"

_NO_FILE = (
    BadInput("missing.wav", "no such file", _nothing, "audio.not_found"),
    BadInput("no folder/call.wav", "no such folder", _nothing, "audio.not_found"),
    BadInput("x" * 300 + ".wav", "a longer name than a file can have", _nothing, "audio.not_found"),
    BadInput("folder.wav", "a folder", _folder, "audio.not_a_file"),
    BadInput("empty.wav", "zero bytes", _content(b""), "audio.empty"),
) + (
    (BadInput("pipe.wav", "a pipe that nobody writes to", _pipe, "audio.not_a_file"),)
    if hasattr(os, "mkfifo")
    else ()
)

_OTHER_CONTENT = tuple(
    BadInput(name, how, _content(content), "audio.not_audio")
    for name, how, content in (
        ("text.mp3", "plain text called .mp3", "Minutes of the meeting.\n" * 200),
        ("russian.mp3", "Russian text called .mp3", "Протокол заседания.\n" * 200),
        ("utf16.wav", "text as Windows writes it", "Minutes".encode("utf-16") * 300),
        ("one byte.wav", "a single byte", b"\0"),
        ("page.m4a", "an error page saved as sound", "<!DOCTYPE html><h1>404</h1>"),
        ("data.ogg", "JSON called .ogg", '{"words": []}'),
        ("picture.wav", "a PNG called .wav", _PNG + b"\0" * 500),
        ("photo.mp3", "a JPEG called .mp3", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1" + b"\0" * 500),
        ("anim.mp4", "a GIF called .mp4", b"GIF89a\1\0\1\0\x80\0\0" + b"\0" * 500),
        ("paper.mp3", "a PDF called .mp3", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" * 20),
        ("archive.flac", "a ZIP called .flac", b"PK\3\4\x14\0\0\0\x08\0" + b"\0" * 500),
        ("program.wav", "a Windows program called .wav", b"MZ\x90\0\3\0\0\0" + b"\0" * 500),
        ("noise.mp3", "random bytes called .mp3", _NOISE),
        ("zeros.wav", "zeros only: a disk that lost its data", b"\0" * 100_000),
        ("ones.wav", "0xFF only: erased flash memory", b"\xff" * 100_000),
        ("titles.mp3", "subtitles", "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 20),
        ("hls.m3u8", "a playlist of a local file", _PLAYLIST.format("/etc/passwd")),
        ("hls.mp3", "a playlist of an address", _PLAYLIST.format("http://127.0.0.1:9/a.ts")),
        ("concat.wav", "an FFmpeg script", "ffconcat version 1.0\nfile /etc/hosts\n"),
        ("call.sdp", "a session description", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n"
         "c=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"),
        ("dash.mpd", "a DASH manifest", '<?xml version="1.0"?><MPD '
         'xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="isoff-live:2011"></MPD>'),
        ("list.pls", "a playlist of a radio", "[playlist]\nFile1=http://127.0.0.1:9/\n"),
        ("drawing.mp3", "an SVG", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    )
)  # fmt: skip

_HEADER_ONLY = (
    BadInput("header.wav", "a header, no sound", _content(wav_bytes(data=b"")), "audio.empty"),
    BadInput("promise.wav", "a header for 60 s, no sound",
             _content(wav_bytes(data=b"", claimed_bytes=1_920_000)), "audio.empty"),
    BadInput("riff.wav", "the first 12 bytes", _sound(WAV, _first(12)), "audio.undecodable"),
    BadInput("half header.wav", "the first 30 bytes", _sound(WAV, _first(30)),
             "audio.undecodable"),
    BadInput("header.flac", "a header, no frames", _sound(FLAC, _until(b"\xff\xf8")),
             "audio.empty"),
    BadInput("header.mp3", "tags, no frames", _content(b"ID3\4\0\0\0\0\0\x0a" + b"\0" * 10),
             "audio.undecodable"),
    BadInput("header.opus", "the first page", _sound(OPUS, _until(b"OggS")), "audio.undecodable"),
    BadInput("header.m4a", "a recorder that died before it wrote the index",
             _sound(M4A, _keep(0.7)), "audio.undecodable"),
    BadInput("ftyp.mp4", "the first box of an MP4",
             _content(b"\0\0\0\x18ftypisom\0\0\0\0isommp42"), "audio.undecodable"),
    BadInput("header.webm", "an unfinished WebM header", _sound(WEBM, _first(40)),
             "audio.undecodable"),
    BadInput("header.amr", "the six bytes of AMR", _content(b"#!AMR\n"), "audio.empty"),
    BadInput("header.aiff", "a header, no sound", _sound(AIFF, _first(54)), "audio.empty"),
    BadInput("header.au", "a header, no sound", _sound(AU, _first(32)), "audio.empty"),
    BadInput("header.wma", "half a header", _sound(WMA, _first(60)), "audio.undecodable"),
)  # fmt: skip

_CUT = tuple(
    BadInput(f"cut.{format.suffix}", f"the first half of a {format.suffix}",
             _sound(format, _keep(0.5)), notice="audio.truncated")
    for format in (WAV, FLAC, MP3, MKV, WEBM, WMA, AIFF, AU, CAF, AVI)
)  # fmt: skip

_DAMAGED = (
    BadInput("noise.flac", "noise in the middle", _sound(FLAC, _overwrite(0.4, 0.6)),
             notice="audio.damaged"),
    BadInput("noise.m4a", "noise in the middle", _sound(M4A, _overwrite(0.4, 0.6)),
             notice="audio.damaged"),
    BadInput("hole.mp3", "a hole of zeros in the middle", _sound(MP3, _overwrite(0.3, 0.6, b"\0")),
             notice="audio.truncated"),
    BadInput("hole.opus", "a hole of zeros in the middle",
             _sound(OPUS, _overwrite(0.3, 0.6, b"\0")), notice="audio.gaps"),
    BadInput("hole.wma", "a hole of zeros in the middle", _sound(WMA, _overwrite(0.4, 0.7, b"\0")),
             notice="audio.gaps"),
    BadInput("wiped.m4a", "an index, and zeros for sound",
             _sound(M4A, _wipe_between(b"mdat", b"moov")), "audio.undecodable"),
)  # fmt: skip

_HOSTILE = (
    BadInput("0 hertz.wav", "0 samples per second", _content(wav_bytes(rate_hz=0)),
             "audio.undecodable"),
    BadInput("1 hertz.wav", "1 sample per second", _content(wav_bytes(rate_hz=1)),
             "audio.undecodable"),
    BadInput("4 gigahertz.wav", "4 GHz", _content(wav_bytes(rate_hz=4_000_000_000)),
             "audio.undecodable"),
    BadInput("2 gigahertz.wav", "2 GHz", _content(wav_bytes(rate_hz=2_000_000_000)),
             "audio.undecodable"),
    BadInput("65535 channels.wav", "65535 channels",
             _content(wav_bytes(n_channels=65_535, block_align=65_534)), "audio.undecodable"),
    BadInput("500 channels.wav", "500 channels",
             _content(wav_bytes(n_channels=500, block_align=1_000)), "audio.undecodable"),
    BadInput("0 channels.wav", "no channels", _content(wav_bytes(n_channels=0)),
             "audio.undecodable"),
    BadInput("0 bits.wav", "0 bits per sample", _content(wav_bytes(bits=0)), "audio.undecodable"),
    BadInput("codec.wav", "a codec that nobody knows", _content(wav_bytes(tag=0x1234)),
             "audio.undecodable"),
    BadInput("huge.wav", "a header for 1 GB, 1 s of sound",
             _content(wav_bytes(claimed_bytes=1 << 30)), notice="audio.truncated"),
    BadInput("endless.flac", "a header for 2^36 samples, 4 s of sound",
             _sound(FLAC, _patch(21, b"\xff" * 5)), notice="audio.truncated"),
    BadInput("0 hertz.aiff", "0 samples per second", _sound(AIFF, _patch(28, b"\0" * 10)),
             "audio.undecodable"),
    BadInput("4 gigahertz.au", "4 GHz", _sound(AU, _patch(16, b"\xee\x6b\x28\0")),
             "audio.undecodable"),
)  # fmt: skip

_NO_SOUND = (
    BadInput("silent film.mp4", "pictures only", _without_sound("mp4"), "audio.no_sound"),
    BadInput("silent film.mkv", "pictures only", _without_sound("matroska"), "audio.no_sound"),
    BadInput("silent film.avi", "pictures only", _without_sound("avi"), "audio.no_sound"),
    BadInput("silent film.mp3", "pictures only, called .mp3", _without_sound("mp4"),
             "audio.no_sound"),
)  # fmt: skip

BAD_INPUTS: tuple[BadInput, ...] = (
    *_NO_FILE, *_OTHER_CONTENT, *_HEADER_ONLY, *_CUT, *_DAMAGED, *_HOSTILE, *_NO_SOUND,
)  # fmt: skip
"""The corpus: every name is different, so that one folder holds all of it."""
