"""What comes back from checkpoints is what went in."""

from __future__ import annotations

import numpy as np
import pytest

from stenograf.core.evidence import SpeakerEvidence, times
from stenograf.core.ports import Diarization
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Notice, Turn, Word
from stenograf.jobs.parts import StoredParts
from stenograf.pipeline.parts import FoundLanguage, FoundSpeech, HeardWords

THIRD = 1 / 3
WORD = Word(Span(0.1, 0.1 + THIRD), "ё", THIRD, None, None, joined=True)
NOTICE = Notice("code", "{n} blocks", None, {"n": 3, "names": ["a"], "share": 0.5})


class Memory:
    """Checkpoints in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def save(self, name: str, data: bytes) -> None:
        self.kept[name] = data


PARTS = {
    "speech": FoundSpeech((Span(0.0, THIRD), Span(1.0, 2.0))),
    "no speech": FoundSpeech(()),
    "language": FoundLanguage("ru", THIRD, {"ru": THIRD, "uk": 0.1}, (NOTICE,)),
    "no language": FoundLanguage(None, None),
    "words": HeardWords((WORD, Word(Span(1.0, 2.0), 'say "hi"')), 29.999999999999996, False),
    "turns": Diarization(
        (Turn(Span(0.0, THIRD), "SPEAKER_00", THIRD), Turn(Span(0.1, 2.0), "SPEAKER_01")),
        (NOTICE,),
        (ModelUse("diarize", "onnx", "m", "0f", "the default"),),
    ),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_part_comes_back_to_the_last_bit(part: object) -> None:
    """Equal in every field, floats included."""
    parts = StoredParts(Memory())
    parts.keep("name", part)
    assert parts.find("name", type(part)) == part


def test_evidence_comes_back_with_its_turns() -> None:
    """The arrays are those that the diarizer kept."""
    evidence = SpeakerEvidence(
        engine="basic",
        model="m",
        duration=3.0,
        speech=times([Span(0.0, 1.0)]),
        windows=times([Span(0.0, 1.0), Span(0.5, 1.5)]),
        voices=np.array([[[0.5, 0.25]], [[np.nan, np.nan]]], dtype=np.float16),
        parameters={"threshold": 0.5},
    )
    parts = StoredParts(Memory())
    parts.keep("turns", Diarization((), evidence=evidence))
    found = parts.find("turns", Diarization)
    assert found is not None
    assert found.evidence is not None
    assert np.array_equal(found.evidence.voices, evidence.voices, equal_nan=True)
    assert np.array_equal(found.evidence.windows, evidence.windows)
    assert found.evidence.parameters == evidence.parameters


@pytest.mark.parametrize("stored", [b"", b"{}", b'{"spans": [{"start": "x"}]}', b"\x80\x04."])
def test_what_cannot_be_read_counts_as_not_there(stored: bytes) -> None:
    """A checkpoint of another version costs work, never a job."""
    memory = Memory()
    memory.save("speech", stored)
    assert StoredParts(memory).find("speech", FoundSpeech) is None


def test_nothing_kept_is_nothing_found() -> None:
    """A name that nobody used gives None."""
    assert StoredParts(Memory()).find("speech", FoundSpeech) is None


def test_nothing_is_pickled() -> None:
    """Checkpoints are JSON, so that a stranger's file cannot run code here."""
    memory = Memory()
    StoredParts(memory).keep("words", PARTS["words"])
    assert memory.kept["words"].startswith(b'{"words":[{"span":{"start":0.1,')
