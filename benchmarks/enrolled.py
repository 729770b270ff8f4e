"""How often are enrolled people known again in a made meeting, and strangers taken for them?

    python -m benchmarks.enrolled ASSETS

Five people of LibriSpeech's test-other in the assets, each enrolled by two clips; ten meetings of
three of them, of two other clips each, told apart by `basic`: into three, and by mistake into two.
In each meeting each of the three is the stranger once, and the four others are enrolled. Who speaks
in the middle of each person's first clip counts.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, combinations
from pathlib import Path
from typing import TypeAlias

import numpy as np

from stenograf import app
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Transcript
from stenograf.engines.diarization import known
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.speakers import identify_speakers, voice_of
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.sound import read_speech

WAV = MediaFormat("wav", "wav", "pcm_s16le", rate_hz=16_000)
GAP = np.zeros(8000, dtype=np.float32)
RULES = {"limit alone": (-2.0, 0.0), "and margin": (0.03, 0.0), "and purity": (0.03, 2 / 3)}
"""Margin and least purity; as they are in the product at last."""

Heard: TypeAlias = tuple[Transcript, SpeakerEvidence]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    assets = parser.parse_args().assets
    os.environ["STENOGRAF_MODELS_DIR"] = str(assets / "models")
    pipeline = app.prepare(_options(1), recognize=False)
    people = [sorted(each.glob("*.flac")) for each in _folders(assets)]
    voices = [_voice(_hear(pipeline, own[:2], 1)) for own in people]
    print(
        "| told apart into | rule | known again | left unknown | another's name | strangers named |"
    )
    print("|---|---|---|---|---|---|")
    for n_speakers in (3, 2):
        meetings = list(_meetings(pipeline, people, n_speakers))
        for rule, (known.MARGIN, known.MIN_PURITY) in RULES.items():
            n = Counter(said for meeting in meetings for said in _judged(voices, *meeting))
            print(f"| {n_speakers} | {rule} {_row(n)}")


def _row(n: Counter[str]) -> str:
    enrolled = n["right"] + n["unknown"] + n["wrong"]
    strangers = n["stranger"] + n["stranger named"]
    return (
        f"| {n['right']} of {enrolled} | {n['unknown']} | {n['wrong']} "
        f"| {n['stranger named']} of {strangers} |"
    )


def _meetings(
    pipeline: Pipeline, people: Sequence[Sequence[Path]], n_speakers: int
) -> Iterator[tuple[tuple[int, ...], list[float], Heard]]:
    """Who of the people meet, the middles of their first clips in seconds, and what was heard."""
    for trio in combinations(range(len(people)), 3):
        clips = [people[each][place] for place in (2, 3) for each in trio]
        yield trio, _middles(clips[:3]), _hear(pipeline, clips, n_speakers)


def _judged(
    voices: Sequence[list[float]], trio: Sequence[int], middles: Sequence[float], heard: Heard
) -> Iterator[str]:
    """What became of each of the three, each being the stranger once."""
    for stranger in trio:
        enrolled = {str(i): [voice] for i, voice in enumerate(voices) if i != stranger}
        named = identify_speakers(*heard, enrolled)
        for person, middle in zip(trio, middles, strict=True):
            found = _name_at(named, middle)
            if person == stranger:
                yield "stranger named" if found else "stranger"
            else:
                yield "unknown" if not found else "right" if found == str(person) else "wrong"


def _name_at(document: Transcript, time_s: float) -> str | None:
    names = {speaker.id: speaker.name for speaker in document.speakers}
    spoken = [t.speaker for t in document.turns if t.span.start <= time_s < t.span.end]
    return names[spoken[0]] if spoken else None


def _hear(pipeline: Pipeline, clips: Sequence[Path], n_speakers: int) -> Heard:
    """The clips one after the other, told apart."""
    sound = np.concatenate([part for clip in clips for part in (read_speech(clip), GAP)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.wav"
        write_media(path, sound, WAV)
        document, evidence = pipeline.run_with_evidence(path, _options(n_speakers))
    assert evidence is not None, clips
    return document, evidence


def _voice(heard: Heard) -> list[float]:
    return voice_of(*heard, heard[0].speakers[0].id)[0]


def _middles(clips: Sequence[Path]) -> list[float]:
    lengths = [len(read_speech(clip)) / 16_000 for clip in clips]
    starts = accumulate((length + 0.5 for length in lengths[:-1]), initial=0.0)
    return [start + length / 2 for start, length in zip(starts, lengths, strict=True)]


def _options(n_speakers: int) -> TranscribeOptions:
    return TranscribeOptions(diarizer="basic", speakers=n_speakers, isolate=False, offline=True)


def _folders(assets: Path) -> list[Path]:
    return sorted((assets / "audio/speakers/test-other").iterdir())


if __name__ == "__main__":
    main()
