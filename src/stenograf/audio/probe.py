"""What a file is, before its sound is decoded: container, sound track, promised duration.

FFmpeg sees the bytes through a Python file object and may open nothing else: neither another
file nor the network. Formats that are lists of other files (HLS, concat, SDP, DASH, image
sequences) are not even tried, so an upload cannot make the server fetch an address or read a
neighbour's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from stenograf.audio.headers import looks_like_media, mp3_frame_count
from stenograf.audio.notices import SEVERAL_TRACKS
from stenograf.audio.source import Source
from stenograf.core.errors import (
    AudioUnreadableError,
    EmptyAudioError,
    NoSoundError,
    NotAudioError,
    UndecodableAudioError,
)
from stenograf.core.transcript import Notice

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import InputContainer

DEMUXERS = (
    "3gp,aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,asf_o,au,avi,caf,dss,dts,eac3,flac,flv,ircam,loas,"
    "matroska,webm,mov,mp4,m4a,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,nistsphere,ogg,tak,truehd,tta,voc,"
    "w64,wav,wv,xwma"
)
MIN_RATE_HZ, MAX_RATE_HZ = 1_000, 768_000  # telegraph-grade to the fastest converters made
MAX_CHANNELS = 64
READ_BYTES = 1 << 18
MICROSECONDS = 1_000_000  # the unit of a container's times

# A duration in these is a guess from the bit rate, or read off the file's own last packet: a
# file cut short agrees with it, and a whole one with a varying bit rate does not.
_GUESSED_DURATION = frozenset({"aac", "ac3", "amr", "amrnb", "amrwb", "dts", "eac3", "loas", "ogg"})
# These tell the length of the whole file only: with pictures in it, the sound may be shorter.
_FILE_WIDE = frozenset({"asf", "asf_o", "flv"})
MPEG1_MIN_RATE_HZ = 32_000  # slower MP3 is MPEG-2, with half the samples in a frame


@contextmanager
def open_container(source: Source) -> Iterator[InputContainer]:
    """The file as FFmpeg sees it, by content alone: the name may lie.

    Raises NotAudioError, or UndecodableAudioError when it begins as media and is broken.
    """
    import av

    options = {"format_whitelist": DEMUXERS, "protocol_whitelist": "none"}
    try:
        container = av.open(
            Nameless(source.file),
            mode="r",
            metadata_errors="ignore",
            container_options=options,
            buffer_size=READ_BYTES,
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _unopenable(source, error) from error
    with container:
        yield container


class Nameless:
    """A file object without a name, so that FFmpeg cannot judge it by its extension."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def find_sound(container: InputContainer, name: str) -> tuple[AudioStream, tuple[Notice, ...]]:
    """The track marked as default, else the first; a notice tells of the others.

    Raises NoSoundError, EmptyAudioError or UndecodableAudioError.
    """
    tracks = container.streams.audio
    if not tracks and not container.streams.video:
        raise EmptyAudioError("{name} is a header with nothing behind it.", name=name)
    if not tracks:
        raise NoSoundError("{name} has pictures but no sound track.", name=name)
    stream = next((track for track in tracks if _is_default(track)), tracks[0])
    _check_plausible(stream, name)
    if len(tracks) == 1:
        return stream, ()
    track = tracks.index(stream) + 1
    return stream, (SEVERAL_TRACKS.about(n_tracks=len(tracks), track=track),)


def expected_duration(
    container: InputContainer, stream: AudioStream, file: BinaryIO
) -> float | None:
    """Seconds of sound that the header promises; None where it promises nothing reliable.

    The shorter of the track's and the container's duration, because an edit list may show less
    than the track holds and a film may outlast its sound.
    """
    formats = set(container.format.name.split(","))
    codec = stream.codec_context
    if "mp3" in formats:
        return _mp3_duration(codec.sample_rate, mp3_frame_count(file))
    if formats & _GUESSED_DURATION or (formats & _FILE_WIDE and len(container.streams) > 1):
        return None
    if stream.frames and codec.name.startswith("pcm_"):  # FFmpeg trims the durations to the file
        return stream.frames / codec.sample_rate
    durations = [_tagged_duration(stream.metadata)]
    if stream.duration and stream.time_base:
        durations.append(float(stream.duration * stream.time_base))
    if container.duration and (stream.duration or len(container.streams) == 1):
        durations.append(container.duration / MICROSECONDS)
    expected = min((seconds for seconds in durations if seconds), default=None)
    if expected is not None and "matroska" in formats:  # whose durations count from time stamp 0
        expected -= max(0, container.start_time or 0) / MICROSECONDS
    return expected


def _mp3_duration(rate_hz: int, n_frames: int | None) -> float | None:
    if n_frames is None:
        return None
    samples_per_frame = 1152 if rate_hz >= MPEG1_MIN_RATE_HZ else 576
    return n_frames * samples_per_frame / rate_hz


def format_name(container: InputContainer, stream: AudioStream) -> str:
    """Container and codec, as people say them: "mp4/aac", "wav/pcm_s16le"."""
    return f"{_container_name(container)}/{stream.codec_context.name}"


def _container_name(container: InputContainer) -> str:
    name = str(container.format.name)
    if name.startswith("mov,"):
        return "mp4"
    return name.split(",", maxsplit=1)[0]


def _is_default(track: AudioStream) -> bool:
    from av.stream import Disposition

    return bool(track.disposition & Disposition.default)


def _check_plausible(stream: AudioStream, name: str) -> None:
    codec = stream.codec_context
    if codec is None:
        raise UndecodableAudioError(
            "The sound of {name} is in a format that nothing here can decode.", name=name
        )
    if not MIN_RATE_HZ <= codec.sample_rate <= MAX_RATE_HZ:
        raise UndecodableAudioError(
            "{name} claims {rate} samples per second, which no recording has.",
            name=name,
            rate=codec.sample_rate,
        )
    if not 1 <= codec.channels <= MAX_CHANNELS:
        raise UndecodableAudioError(
            "{name} claims {n_channels} channels; at most {limit} are read.",
            name=name,
            n_channels=codec.channels,
            limit=MAX_CHANNELS,
        )


def _tagged_duration(metadata: dict[str, str]) -> float | None:
    """Matroska keeps each track's own length in a tag such as 00:01:02.345000000."""
    try:
        hours, minutes, seconds = metadata.get("DURATION", "").split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return None


def _unopenable(source: Source, error: Exception) -> Exception:
    import av

    if isinstance(error, OSError) and not isinstance(error, av.FFmpegError):
        return AudioUnreadableError(
            "{name} cannot be read: {reason}.", name=source.name, reason=str(error)
        )
    if looks_like_media(source.file):
        return UndecodableAudioError(
            "{name} begins like a recording, but is damaged or cut off before any sound.",
            name=source.name,
        )
    return NotAudioError("{name} holds no sound or video that FFmpeg knows.", name=source.name)
