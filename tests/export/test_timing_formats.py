"""RTTM and CTM, read back by readers of others."""

import warnings
from pathlib import Path

import meeteval
import pytest
from hypothesis import given, settings

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Suspect, Transcript, Turn, Word
from stenograf.export import render
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, WORDS_ONLY, spoken


def test_rttm_is_read_by_pyannote(tmp_path: Path) -> None:
    """Overlap, names and the recording's stem, as one field each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyannote.database warns about its own dependencies
        from pyannote.database.util import load_rttm

        path = tmp_path / "call.rttm"
        path.write_bytes(render(CALL, "rttm"))
        [(recording, annotation)] = load_rttm(str(path)).items()  # type: ignore[no-untyped-call]
    assert recording == "звонок_1"
    found = annotation.itertracks(yield_label=True)
    assert [(round(s.start, 3), round(s.end, 3), label) for s, _, label in found] == [
        (0.4, 3.2, "Анна_Петрова"),
        (3.0, 6.0, "SPEAKER_01"),
    ]


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_rttm_and_ctm_have_the_fields_of_the_norm(document: Transcript) -> None:
    """Ten fields and five or six, whatever the names and words contain."""
    for line in render(document, "rttm").decode().splitlines():
        assert len(line.split()) == 10
        assert line.startswith("SPEAKER ")
        assert float(line.split()[4]) > 0
    lines = render(document, "ctm").decode().splitlines()
    assert all(line.startswith(";; suspect ") for line in lines[: len(document.suspects)])
    for line in lines[len(document.suspects) :]:
        assert len(line.split()) in (5, 6)
        assert not line.startswith(";;")


def test_speakers_of_one_name_stay_two() -> None:
    """Scoring must not merge them."""
    turns = (Turn(Span(0, 1), "A"), Turn(Span(1, 2), "B"))
    speakers = (Speaker("A", "Анна Ли"), Speaker("B", "Анна Ли"))
    rttm = render(Transcript(Recording("a.wav", 2.0), (), turns, speakers), "rttm").decode()
    assert [line.split()[7] for line in rttm.splitlines()] == ["Анна_Ли", "Анна_Ли_(2)"]


def test_words_without_turns_give_the_turns_of_their_speakers() -> None:
    """And words of nobody give none."""
    words = (*spoken("a b", speaker="A"), *spoken("c", speaker=None, start=1.0))
    rttm = render(Transcript(Recording("a.wav", 2.0), words), "rttm").decode()
    assert rttm == "SPEAKER a 1 0.000 0.580 <NA> <NA> A <NA> <NA>\n"
    assert render(WORDS_ONLY, "rttm") == b""


def test_ctm_is_read_by_meeteval() -> None:
    """Times, confidence, a word with a space as one field; doubts are comments."""
    words = (Word(Span(0.5, 0.75), "New York", 0.875), Word(Span(1, 2), ";;"))
    doubts = (Suspect(Span(0.5, 1.0), ("phrase", "voice")),)
    document = Transcript(Recording("a b.wav", 2.0), words, suspects=doubts)
    ctm = render(document, "ctm").decode()
    assert ctm.startswith(";; suspect 0.500 1.000 phrase,voice\n")
    lines = list(meeteval.io.CTM.parse(ctm))
    assert [(line.filename, line.word) for line in lines] == [("a_b", "New_York"), ("a_b", "_;;")]
    assert (float(lines[0].begin_time), float(lines[0].duration)) == (0.5, 0.25)
    assert float(lines[0].confidence) == 0.875


@pytest.mark.parametrize("name", ["rttm", "ctm"])
def test_silence_gives_an_empty_file(name: str) -> None:
    """No line is invented."""
    assert render(EMPTY, name) == b""
