"""Guards over the whole way, with PocketSphinx and the voice detector as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import stenograf
from stenograf.core.transcript import Transcript

pytestmark = pytest.mark.e2e


def heard(recording: Path, **options: Any) -> Transcript:
    """Words only, from the engine that needs no download."""
    return stenograf.transcribe(
        recording, engine="pocketsphinx", language="en", diarize=False, **options
    )


def test_a_word_in_a_silent_room_is_suspect_or_absent(assets: Path) -> None:
    """PocketSphinx writes "huh" where a chair creaks and nobody speaks."""
    room = assets / "audio/asr/ru/test_silence.wav"
    transcript = heard(room)
    for word in transcript.words:
        assert any(part.span.overlap(word.span) for part in transcript.suspects)
    assert heard(room, guards="none").suspects == ()


@pytest.mark.parametrize("name", ["jfk.flac", "ru/test_sound_en.wav"])
def test_clear_speech_is_not_suspect(assets: Path, name: str) -> None:
    """Even words of which nobody measured how sure they are."""
    transcript = heard(assets / "audio/asr" / name)
    assert transcript.words
    assert transcript.suspects == ()
