"""Real voices of LibriSpeech, enrolled in one recording and known again in another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf import app
from stenograf.core.transcript import Transcript
from stenograf.pipeline import TranscribeOptions
from stenograf.speakers import identify_speakers, voice_of
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.sound import read_speech

pytestmark = pytest.mark.e2e

WAV = MediaFormat("wav", "wav", "pcm_s16le", rate_hz=16_000)
GAP = np.zeros(8000, dtype=np.float32)
NAMES = ("Anna", "Boris")


def joined(clips: list[Path]) -> NDArray[np.float32]:
    """The clips one after the other, half a second between them."""
    return np.concatenate([part for clip in clips for part in (read_speech(clip), GAP)])


def speaker_at(document: Transcript, time_s: float) -> str | None:
    """The name of who speaks then."""
    names = {speaker.id: speaker.name for speaker in document.speakers}
    return next(names[t.speaker] for t in document.turns if t.span.start <= time_s < t.span.end)


def test_enrolled_people_are_known_again_and_a_stranger_is_not(
    models_dir: Path, assets: Path, tmp_path: Path
) -> None:
    """Two enrolled by clips are named in a meeting of other clips of theirs with a third person."""
    people = sorted((assets / "audio/speakers/test-other").iterdir())[:3]
    clips = [sorted(person.glob("*.flac")) for person in people]
    one = TranscribeOptions(diarizer="basic", speakers=1, isolate=False, offline=True)
    three = TranscribeOptions(diarizer="basic", speakers=3, isolate=False, offline=True)
    pipeline = app.prepare(one, recognize=False)
    enrolled = {}
    for name, own in zip(NAMES, clips, strict=False):
        write_media(tmp_path / "clip.wav", joined(own[:2]), WAV)
        clip, evidence = pipeline.run_with_evidence(tmp_path / "clip.wav", one)
        assert evidence is not None
        enrolled[name] = [voice_of(clip, evidence, clip.speakers[0].id)[0]]
    order = [own[i] for i in (2, 3) for own in clips]
    write_media(tmp_path / "meeting.wav", joined(order), WAV)
    meeting, evidence = pipeline.run_with_evidence(tmp_path / "meeting.wav", three)
    assert evidence is not None
    named = identify_speakers(meeting, evidence, enrolled)
    lengths = [len(read_speech(clip)) / 16_000 + 0.5 for clip in order]
    middles = [sum(lengths[:i]) + (length - 0.5) / 2 for i, length in enumerate(lengths)]
    assert sorted(each.name or "" for each in named.speakers) == ["", *NAMES]
    assert speaker_at(named, middles[0]) == "Anna"
    assert speaker_at(named, middles[1]) == "Boris"
    assert speaker_at(named, middles[2]) is None
