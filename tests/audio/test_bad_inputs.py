"""Whatever goes wrong, the answer is the documented one."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest

from stenograf.audio.decode import decode
from stenograf.core.errors import (
    AudioError,
    AudioNotFoundError,
    AudioTooLongError,
    AudioUnreadableError,
    EmptyAudioError,
    TooManyChannelsError,
    TruncatedAudioError,
)
from stenograf.testing.bad_inputs import BAD_INPUTS, BadInput
from stenograf.testing.media import MediaFormat, tone, write_media

WAV = MediaFormat("wav", "wav", "pcm_s16le")
each_bad_input = pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name[:24])


def test_the_corpus_is_large_and_its_names_differ() -> None:
    """One folder can hold all of it, and each case documents one answer."""
    assert len({bad.name for bad in BAD_INPUTS}) == len(BAD_INPUTS) >= 45
    assert all((bad.code is None) != (bad.notice is None) for bad in BAD_INPUTS)


@pytest.mark.timeout(60)
@each_bad_input
def test_each_bad_input_gets_its_documented_answer(bad: BadInput, tmp_path: Path) -> None:
    """An error with the documented code, or sound with the documented notice; no hang."""
    path = bad.write(tmp_path)
    if bad.code is None:
        with decode(path) as decoded:
            assert bad.notice in {notice.code for notice in decoded.notices}
            assert all(notice.text for notice in decoded.notices)
            assert len(decoded.audio) > 0
    else:
        with pytest.raises(AudioError) as caught:
            decode(path)
        assert caught.value.code == bad.code
        assert caught.value.advice
        assert "{" not in str(caught.value)


@pytest.mark.parametrize("name", ["cut.wav", "cut.mp3", "noise.flac", "noise.m4a"])
def test_strict_refuses_what_is_not_whole(name: str, tmp_path: Path) -> None:
    """With `strict`, missing or damaged sound is an error."""
    bad = next(bad for bad in BAD_INPUTS if bad.name == name)
    with pytest.raises(TruncatedAudioError, match=r"Decoded|Damaged"):
        decode(bad.write(tmp_path), strict=True)


def test_a_name_with_a_nul_byte_is_no_file() -> None:
    """No system has such names; the answer is the one for a missing file."""
    with pytest.raises(AudioNotFoundError, match="no file"):
        decode(Path("call\0.wav"))


def test_refusal_of_the_system_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission, even where the tests run as root and have every permission."""
    path = write_media(tmp_path / "secret.wav", tone(0.1), WAV)

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioUnreadableError, match="Permission denied"):
        decode(path)


def test_a_stream_that_breaks_is_told() -> None:
    """A pipe or a network drive may fail while it is read."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(AudioUnreadableError, match="Input/output error"):
        decode(Broken())


def test_an_empty_stream_is_empty() -> None:
    """Nothing on standard input."""
    with pytest.raises(EmptyAudioError, match="standard input"):
        decode(io.BytesIO())


def test_the_limit_is_held_against_what_is_decoded(tmp_path: Path) -> None:
    """Longer than allowed is refused, exactly as long is not."""
    path = write_media(tmp_path / "call.wav", tone(2.0), WAV)
    with pytest.raises(AudioTooLongError):
        decode(path, max_duration_s=1.9)
    with decode(path, max_duration_s=2.0) as decoded:
        assert decoded.recording.duration == 2.0


def test_channels_are_counted_in_what_is_decoded(tmp_path: Path) -> None:
    """More than allowed are refused, exactly as many are not."""
    path = tmp_path / "room.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((3, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\x00\x10" * 3 * 3_200)
    with pytest.raises(TooManyChannelsError, match="3 channels; the limit is 2"):
        decode(path, max_channels=2)
    with decode(path, max_channels=3) as decoded:
        assert decoded.recording.n_channels == 3


def test_a_list_of_files_is_not_followed(tmp_path: Path) -> None:
    """A script that names a readable neighbour is refused, not followed."""
    secret = write_media(tmp_path / "secret.wav", tone(1.0), WAV)
    for script in (
        f"ffconcat version 1.0\nfile '{secret.name}'\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret.as_uri()}\n#EXT-X-ENDLIST\n",
    ):
        path = tmp_path / "list.mp3"
        path.write_text(script, encoding="utf-8")
        with pytest.raises(AudioError) as caught:
            decode(path)
        assert caught.value.code == "audio.not_audio"
