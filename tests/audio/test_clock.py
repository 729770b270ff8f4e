"""Times stay on the recording's own clock, and a whole file raises no alarm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stenograf.audio.decode import Decoded, decode
from stenograf.core.waveform import SAMPLE_RATE_HZ
from stenograf.testing.media import MediaFormat, tone, write_media

WEBM = MediaFormat("webm", "webm", "libopus", 48_000)
MP3 = MediaFormat("mp3", "mp3", "libmp3lame", 44_100)
AAC = MediaFormat("aac", "adts", "aac", 22_050)
FILMS = tuple(
    MediaFormat(suffix, muxer, codec, 44_100, video=True)
    for suffix, muxer, codec in (
        ("mp4", "mp4", "aac"),
        ("mkv", "matroska", "aac"),
        ("avi", "avi", "libmp3lame"),
        ("flv", "flv", "aac"),
        ("ts", "mpegts", "aac"),
        ("wmv", "asf", "wmav2"),
    )
)


def first_sound_s(decoded: Decoded) -> float:
    return float(np.flatnonzero(np.abs(decoded.audio[:]) > 0.1)[0]) / SAMPLE_RATE_HZ


def codes(decoded: Decoded) -> set[str]:
    return {notice.code for notice in decoded.notices}


def test_lost_packets_leave_silence_of_their_length(tmp_path: Path) -> None:
    """Sound after a gap of 3 s starts 3 s later, and the document tells of the gap."""
    path = tmp_path / "call.webm"
    write_media(path, tone(4.0, rate_hz=48_000), WEBM, gap=(2.0, 3.0))
    with decode(path) as decoded:
        assert decoded.recording.duration == pytest.approx(7.0, abs=0.03)
        assert (
            np.abs(decoded.audio[int(2.2 * SAMPLE_RATE_HZ) : int(4.8 * SAMPLE_RATE_HZ)]).max() == 0
        )
        assert np.abs(decoded.audio[int(5.1 * SAMPLE_RATE_HZ) :]).max() > 0.4
        assert codes(decoded) == {"audio.gaps"}
        assert decoded.notices[0].details["gap_s"] == pytest.approx(3.0, abs=0.05)


def test_sound_that_starts_after_the_pictures_starts_late(tmp_path: Path) -> None:
    """The clock is the player's: a sound track 1.5 s late begins with silence, without a notice."""
    path = tmp_path / "film.mkv"
    write_media(path, tone(2.0, rate_hz=44_100), FILMS[1], start_s=1.5)
    with decode(path) as decoded:
        assert first_sound_s(decoded) == pytest.approx(1.5, abs=0.05)
        assert codes(decoded) == set()


def test_time_stamps_from_a_running_call_begin_at_zero(tmp_path: Path) -> None:
    """A recorder that joined after 100 s stamps 100 s; nobody waits that long for the words."""
    path = write_media(tmp_path / "c.webm", tone(2.0, rate_hz=48_000), WEBM, start_s=100.0)
    with decode(path) as decoded:
        assert decoded.recording.duration == pytest.approx(2.0, abs=0.03)
        assert codes(decoded) == set()


def test_a_broken_time_stamp_costs_no_silence(tmp_path: Path) -> None:
    """A jump of more than a day is no gap: the sound goes on and the document tells."""
    path = tmp_path / "call.webm"
    write_media(path, tone(2.0, rate_hz=48_000), WEBM, gap=(1.0, 200_000.0))
    with decode(path) as decoded:
        assert decoded.recording.duration == pytest.approx(2.0, abs=0.03)
        assert codes(decoded) == {"audio.time_jumps"}


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.suffix)
def test_a_film_that_outlasts_its_sound_is_not_cut(film: MediaFormat, tmp_path: Path) -> None:
    """Two seconds of pictures with half a second of sound raise no alarm."""
    path = write_media(tmp_path / f"film.{film.suffix}", tone(0.5, rate_hz=44_100), film)
    with decode(path) as decoded:
        assert decoded.recording.duration == pytest.approx(0.5, abs=0.1)
        assert codes(decoded) == set()


def test_recordings_glued_together_are_read_to_the_end(tmp_path: Path) -> None:
    """MP3 and Opus files are often joined byte by byte: no half is lost, none is called missing."""
    for format in (MP3, WEBM):
        opus = MediaFormat("opus", "opus", format.codec, format.rate_hz)
        made = opus if format is WEBM else format
        path = write_media(tmp_path / f"a.{made.suffix}", tone(2.0, rate_hz=made.rate_hz), made)
        path.write_bytes(path.read_bytes() * 2)
        with decode(path) as decoded:
            assert decoded.recording.duration == pytest.approx(4.0, abs=0.1)
            assert "audio.truncated" not in codes(decoded)


def test_a_change_of_rate_in_the_middle_keeps_pitch_and_length(tmp_path: Path) -> None:
    """Two AAC streams of 22 and 44 kHz in one file give one tone of their joint length."""
    faster = MediaFormat("aac", "adts", "aac", 44_100, 2)
    content = b""
    for format in (AAC, faster):
        path = write_media(tmp_path / "part.aac", tone(2.0, rate_hz=format.rate_hz), format)
        content += path.read_bytes()
    path.write_bytes(content)
    with decode(path) as decoded:
        assert decoded.recording.duration == pytest.approx(4.0, abs=0.15)
        assert codes(decoded) == set()
        for start in (8_000, 44_000):
            spectrum = np.abs(np.fft.rfft(decoded.audio[start : start + 16_000]))
            assert spectrum.argmax() == pytest.approx(440, abs=1)


def test_mp3_without_a_length_raises_no_alarm(tmp_path: Path) -> None:
    """Where only the bit rate hints at the length, less than it is not called missing."""
    path = write_media(tmp_path / "a.mp3", tone(2.0, rate_hz=44_100), MP3)
    content = path.read_bytes()
    tag = min(at for at in (content.find(b"Xing"), content.find(b"Info")) if at >= 0)
    path.write_bytes(content[:tag] + b"\0\0\0\0" + content[tag + 4 :])
    with decode(path) as decoded:
        assert codes(decoded) == set()


def test_a_header_that_waits_for_its_length_raises_no_alarm(tmp_path: Path) -> None:
    """A WAV from a pipe claims 4 GB, because its writer could not go back."""
    wav = MediaFormat("wav", "wav", "pcm_s16le")
    path = write_media(tmp_path / "a.wav", tone(1.0), wav)
    content = bytearray(path.read_bytes())
    content[4:8] = b"\xff\xff\xff\xff"
    at = content.index(b"data")
    content[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with decode(path) as decoded:
        assert decoded.recording.duration == 1.0
        assert codes(decoded) == set()
