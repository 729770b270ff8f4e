"""Is decoding as fast as faster-whisper's, flat in memory, free of aliasing, and what is a child?

    python -m benchmarks.decode ASSETS --minutes 10 --rounds 3

Both sides decode the same files in turn, in one process with the caches warm; ratios are medians
of paired rounds. Peak memory is a fresh child per side, above what its imports alone take. A
decoder in a process of its own does the same files, again and again and once from its start.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stenograf.audio.decode import Decoded, decode
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.isolation import IsolatedDecoder
from stenograf.testing.media import MediaFormat, write_media

FORMATS = (
    MediaFormat("wav", "wav", "pcm_s16le", 16_000),
    MediaFormat("wav", "wav", "pcm_s16le", 48_000, 2),
    MediaFormat("mp3", "mp3", "libmp3lame", 44_100, 2),
    MediaFormat("m4a", "ipod", "aac", 48_000),
    MediaFormat("opus", "opus", "libopus", 48_000),
    MediaFormat("flac", "flac", "flac", 44_100, 2),
)
HOUR = MediaFormat("mp3", "mp3", "libmp3lame", 44_100)
BLOCK_SAMPLES = 30 * SAMPLE_RATE_HZ
TONES_HZ = (1_000, 7_000, 7_500, 8_500, 9_000, 10_000)

_CHILD = """
import sys, pathlib, psutil
{imports}
path = pathlib.Path(sys.argv[1])
process = psutil.Process()
before = process.memory_info().rss
{call}
peak = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
print(peak * 1024 - before)
"""
OURS = (
    "import av, soxr; from stenograf.audio.decode import decode",
    "decode(path).close()",
)
THEIRS = ("from faster_whisper import decode_audio", "decode_audio(str(path))")


def speech(assets: Path, seconds: float, rate_hz: int) -> Samples:
    """Real speech from the assets, repeated to this length, at any rate."""
    import soxr

    clips = sorted((assets / "audio/speakers/test-other").rglob("*.flac"))
    sound = np.concatenate([decode(clip).audio[:] for clip in clips])
    repeated = np.resize(sound, round(seconds * SAMPLE_RATE_HZ))
    resampled: Samples = soxr.resample(repeated, SAMPLE_RATE_HZ, rate_hz)
    return resampled


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare_speed(path: Path, rounds: int) -> tuple[float, float, float]:
    """Median seconds of both sides, and the median of paired ratios."""
    from faster_whisper import decode_audio

    pairs = [
        (
            seconds_of(lambda: decode(path).close()),
            seconds_of(lambda: decode_audio(str(path))),
        )
        for _ in range(rounds)
    ]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return ours, theirs, statistics.median(mine / other for mine, other in pairs)


def compare_with_child(path: Path, decoder: IsolatedDecoder, rounds: int) -> tuple[float, float]:
    """Median seconds here and in a child that has started; both read every sample afterwards."""
    pairs = [
        (seconds_of(lambda: heard(decode(path))), seconds_of(lambda: heard(decoder.decode(path))))
        for _ in range(rounds)
    ]
    here, there = (statistics.median(side) for side in zip(*pairs, strict=True))
    return here, there


def heard(decoded: Decoded) -> None:
    with decoded:
        for start in range(0, len(decoded.audio), BLOCK_SAMPLES):
            decoded.audio[start : start + BLOCK_SAMPLES].max()


def start_of_a_child(rounds: int) -> float:
    """Median seconds until a decoder is ready."""

    def start() -> None:
        decoder = IsolatedDecoder()
        decoder.load()
        decoder.close()

    return statistics.median(seconds_of(start) for _ in range(rounds))


def print_children(assets: Path, folder: Path, rounds: int) -> None:
    decoder = IsolatedDecoder()
    decoder.load()
    print("\n| file | here, s | in a child, s | more, s |\n|---|---|---|---|")
    for minutes in (0.2, 10, 60):
        path = folder / f"{minutes:g} minutes.mp3"
        if not path.exists():
            write_media(path, speech(assets, minutes * 60, HOUR.rate_hz), HOUR)
        here, there = compare_with_child(path, decoder, rounds)
        print(f"| {minutes:g} min of MP3 | {here:.3f} | {there:.3f} | {there - here:+.3f} |")
    decoder.close()
    print(f"\nA child is ready after {start_of_a_child(rounds):.2f} s.")


def peak_megabytes(path: Path, side: tuple[str, str]) -> float:
    """Peak resident memory of a child that decodes, above its imports."""
    code = _CHILD.format(imports=side[0], call=side[1])
    command = [sys.executable, "-c", code, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(printed) / 1e6


def level_db(samples: Samples) -> float:
    """Level against the half-scale tone that went in; the edges are left out."""
    middle = samples[2_000:-2_000]
    return float(20 * np.log10(np.sqrt(np.mean(middle**2)) * np.sqrt(8) + 1e-12))


def libswresample(sound: Samples, rate_hz: int) -> Samples:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
    frame.sample_rate = rate_hz
    parts = [out.to_ndarray()[0] for part in (frame, None) for out in resampler.resample(part)]
    return np.concatenate(parts)


def print_tones() -> None:
    import soxr

    print("\n| tone at 48 kHz, Hz | soxr HQ, dB | libswresample, dB |\n|---|---|---|")
    for hertz in TONES_HZ:
        times = np.arange(96_000) / 48_000
        sound = (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
        ours = soxr.resample(sound, 48_000, SAMPLE_RATE_HZ, "HQ")
        print(f"| {hertz} | {level_db(ours):.1f} | {level_db(libswresample(sound, 48_000)):.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("| file | ours, s | faster-whisper, s | ratio |\n|---|---|---|---|")
        for index, format in enumerate(FORMATS):
            path = Path(folder) / f"{index}.{format.suffix}"
            write_media(path, speech(options.assets, options.minutes * 60, format.rate_hz), format)
            ours, theirs, ratio = compare_speed(path, options.rounds)
            label = f"{format.suffix} {format.rate_hz} Hz, {format.n_channels} ch"
            print(f"| {label} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} |", flush=True)
        print("\n| length of an MP3 | ours, MB | faster-whisper, MB |\n|---|---|---|")
        for minutes in (10, 60):
            path = Path(folder) / f"{minutes} minutes.mp3"
            write_media(path, speech(options.assets, minutes * 60, HOUR.rate_hz), HOUR)
            sizes = [peak_megabytes(path, side) for side in (OURS, THEIRS)]
            print(f"| {minutes} min | {sizes[0]:.0f} | {sizes[1]:.0f} |", flush=True)
        print_children(options.assets, Path(folder), options.rounds)
    print_tones()


if __name__ == "__main__":
    main()
