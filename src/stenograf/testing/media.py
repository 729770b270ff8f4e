"""Small media files made on the spot, in every format people bring; needs no external program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import Samples


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """A container and a codec: `suffix` as people name such files, `muxer` as FFmpeg does."""

    suffix: str
    muxer: str
    codec: str
    rate_hz: int = 16_000
    n_channels: int = 1
    video: bool = False


FORMATS = (
    MediaFormat("wav", "wav", "pcm_s16le"),
    MediaFormat("wav", "wav", "pcm_u8", 8_000),
    MediaFormat("wav", "wav", "pcm_f32le", 48_000, 2),
    MediaFormat("wav", "wav", "pcm_alaw", 8_000),
    MediaFormat("mp3", "mp3", "libmp3lame", 44_100, 2),
    MediaFormat("m4a", "ipod", "aac", 44_100),
    MediaFormat("aac", "adts", "aac", 44_100),
    MediaFormat("flac", "flac", "flac", 48_000, 2),
    MediaFormat("ogg", "ogg", "vorbis", 44_100, 2),
    MediaFormat("opus", "opus", "libopus", 48_000),
    MediaFormat("webm", "webm", "libopus", 48_000),
    MediaFormat("mp4", "mp4", "aac", 48_000, 2, video=True),
    MediaFormat("mov", "mov", "aac", 44_100, video=True),
    MediaFormat("mkv", "matroska", "flac", 44_100, video=True),
    MediaFormat("avi", "avi", "libmp3lame", 44_100, video=True),
    MediaFormat("3gp", "3gp", "libopencore_amrnb", 8_000),
    MediaFormat("amr", "amr", "libopencore_amrnb", 8_000),
    MediaFormat("wma", "asf", "wmav2", 44_100, 2),
    MediaFormat("aiff", "aiff", "pcm_s16be", 22_050),
    MediaFormat("au", "au", "pcm_s16be", 11_025),
    MediaFormat("caf", "caf", "pcm_s16le", 44_100),
    MediaFormat("ts", "mpegts", "aac", 48_000, video=True),
    MediaFormat("flv", "flv", "aac", 44_100, video=True),
)


def tone(seconds: float, hertz: float = 440.0, *, rate_hz: int = 16_000) -> Samples:
    """A sine at half scale, shape (n_samples,)."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def write_media(
    path: Path,
    sound: Samples,
    format: MediaFormat,
    *,
    start_s: float = 0.0,
    gap: tuple[float, float] | None = None,
) -> Path:
    """Encode sound of shape (n_samples,) or (n_samples, n_channels) at `format.rate_hz`.

    Its time stamps begin at `start_s`; with `gap` (at, length) those after `at` seconds are
    `length` seconds late, as if packets had been lost. A video track is 2 seconds of black.
    """
    import av

    with av.open(str(path), "w", format=format.muxer) as output:
        layout = {1: "mono", 2: "stereo", 6: "5.1"}.get(format.n_channels, "mono")
        track: Any = output.add_stream(format.codec, rate=format.rate_hz, layout=layout)
        if format.codec == "wmav2":
            track.bit_rate = 64_000  # it has no default that works
        track.codec_context.options = {"strict": "experimental"}  # FFmpeg's own Vorbis encoder
        if format.video:
            write_black(output)
        for frame in _frames(sound, format, layout, start_s=start_s, gap=gap):
            output.mux(track.encode(frame))
        output.mux(track.encode(None))
    return path


def _frames(
    sound: Samples,
    format: MediaFormat,
    layout: str,
    *,
    start_s: float,
    gap: tuple[float, float] | None,
) -> Iterator[Any]:
    import av

    columns = sound.reshape(len(sound), -1)
    if columns.shape[1] != format.n_channels:
        columns = np.repeat(columns[:, :1], format.n_channels, axis=1)
    at, length = gap or (float("inf"), 0.0)
    size = 160
    for offset in range(0, len(columns), size):
        block = np.ascontiguousarray(columns[offset : offset + size])
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout=layout)
        late = length if offset / format.rate_hz >= at else 0.0
        frame.pts = offset + round((start_s + late) * format.rate_hz)
        frame.sample_rate = format.rate_hz
        frame.time_base = Fraction(1, format.rate_hz)
        yield frame


def write_black(output: Any) -> None:
    """Add a video track of ten black pictures, 2 seconds, to a PyAV output."""
    import av

    codec = {"avi": "mpeg4", "flv": "flv"}.get(output.format.name, "mpeg4")
    video = output.add_stream(codec, rate=5, width=64, height=48, pix_fmt="yuv420p")
    picture: NDArray[np.uint8] = np.zeros((48, 64, 3), dtype=np.uint8)
    for _ in range(10):
        output.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    output.mux(video.encode(None))
