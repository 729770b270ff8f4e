"""Files and folders matched and scored together."""

from __future__ import annotations

from pathlib import Path

import pytest

from stenograf.core.errors import EvaluationError
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Transcript, Turn, Word
from stenograf.evaluate.folder import (
    DerRules,
    Report,
    cpwer_report,
    der_report,
    wder_report,
    wer_report,
)
from stenograf.evaluate.scores import DiarizationScore

DOCUMENT = Transcript(
    Recording("call.wav", 4.0),
    words=(Word(Span(0, 1), "Good", speaker="S0"), Word(Span(1, 2), "morning", speaker="S0")),
    turns=(Turn(Span(0, 2), "S0"),),
)


def read_transcript(path: Path) -> Transcript:
    assert path.suffix == ".json"
    return DOCUMENT


def score_der(
    reference: Path, hypothesis: Path, rules: DerRules | None = None
) -> Report[DiarizationScore]:
    rules = rules or DerRules()
    return der_report(reference, hypothesis, rules, read_transcript=read_transcript)


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def speaker(recording: str, start: float, duration: float, name: str = "A") -> str:
    return f"SPEAKER {recording} 1 {start} {duration} <NA> <NA> {name} <NA> <NA>"


def test_folders_are_matched_by_stem_and_pooled(tmp_path: Path) -> None:
    """Errors add up over recordings; files of other formats are not looked at."""
    write(tmp_path / "ref/one.rttm", speaker("one", 0, 10))
    write(tmp_path / "ref/two.rttm", speaker("two", 0, 30))
    write(tmp_path / "ref/two.wav", "not looked at")
    write(tmp_path / "hyp/one.rttm", speaker("one", 0, 8))
    write(tmp_path / "hyp/two.rttm", speaker("two", 0, 30))
    write(tmp_path / "hyp/three.rttm", speaker("three", 0, 30))
    report = score_der(tmp_path / "ref", tmp_path / "hyp")
    assert list(report.recordings) == ["one", "two"]
    assert report.recordings["one"].der == pytest.approx(0.2)
    assert report.total.der == pytest.approx(2 / 40)
    assert report.unused == ("three.rttm",)


def test_a_missing_counterpart_is_named(tmp_path: Path) -> None:
    """Leaving a recording out would flatter the score."""
    write(tmp_path / "ref/one.rttm", speaker("one", 0, 10))
    write(tmp_path / "hyp/other.rttm", speaker("one", 0, 8))
    with pytest.raises(EvaluationError, match=r"has no counterpart of .*one\.rttm") as caught:
        score_der(tmp_path / "ref", tmp_path / "hyp")
    assert "one.rttm|.json" in caught.value.advice


def test_recordings_inside_a_file_are_matched_by_name(tmp_path: Path) -> None:
    """One RTTM may hold many recordings, in any order."""
    truth = write(tmp_path / "ref.rttm", speaker("one", 0, 10), speaker("two", 0, 10))
    found = write(tmp_path / "hyp.rttm", speaker("two", 0, 5), speaker("one", 0, 10))
    report = score_der(truth, found)
    assert [score.der for score in report.recordings.values()] == [0, 0.5]


def test_a_recording_missing_in_a_file_is_named(tmp_path: Path) -> None:
    """A name that differs is a mistake, not silence."""
    truth = write(tmp_path / "ref.rttm", speaker("one", 0, 10), speaker("two", 0, 10))
    found = write(tmp_path / "hyp.rttm", speaker("one", 0, 5))
    with pytest.raises(EvaluationError, match="nothing about the recording two"):
        score_der(truth, found)


def test_single_recordings_belong_together(tmp_path: Path) -> None:
    """Names inside two files of one recording each may differ."""
    truth = write(tmp_path / "ref.rttm", speaker("studio", 0, 10))
    found = write(tmp_path / "hyp.rttm", speaker("call", 0, 10))
    assert list(score_der(truth, found).recordings) == ["studio"]


def test_a_result_without_turns_misses_everything(tmp_path: Path) -> None:
    """An empty RTTM says that nobody speaks."""
    truth = write(tmp_path / "ref.rttm", speaker("one", 0, 10))
    report = score_der(truth, write(tmp_path / "hyp.rttm"))
    assert report.total.missed_s == 10


def test_the_same_recording_twice_is_refused(tmp_path: Path) -> None:
    """Two files of a folder cannot both be one recording."""
    for name in ("a", "b"):
        write(tmp_path / f"ref/{name}.rttm", speaker("one", 0, 10))
        write(tmp_path / f"hyp/{name}.rttm", speaker("one", 0, 10))
    with pytest.raises(EvaluationError, match="which another file holds too"):
        score_der(tmp_path / "ref", tmp_path / "hyp")


def test_a_uem_must_name_every_recording(tmp_path: Path) -> None:
    """A folder of UEM files works like one file; a gap in it is no licence to score all."""
    truth = write(tmp_path / "ref.rttm", speaker("one", 0, 10))
    found = write(tmp_path / "hyp.rttm", speaker("one", 0, 5))
    write(tmp_path / "uem/one.uem", "one NA 0 5")
    assert score_der(truth, found, DerRules(uem=tmp_path / "uem")).total.der == 0
    other = write(tmp_path / "other.uem", "two NA 0 5")
    with pytest.raises(EvaluationError, match="does not name the recording one"):
        score_der(truth, found, DerRules(uem=other))


def test_a_folder_against_a_file_is_refused(tmp_path: Path) -> None:
    """Two files or two folders."""
    truth = write(tmp_path / "ref/one.rttm", speaker("one", 0, 10))
    with pytest.raises(EvaluationError, match="is not a folder"):
        score_der(tmp_path / "ref", truth)


def test_a_folder_without_references_is_refused(tmp_path: Path) -> None:
    """The formats that would do are listed."""
    (tmp_path / "ref").mkdir()
    with pytest.raises(EvaluationError, match="no file that can be scored") as caught:
        score_der(tmp_path / "ref", tmp_path / "ref")
    assert ".rttm .json" in caught.value.advice


def test_a_format_of_another_score_is_refused(tmp_path: Path) -> None:
    """Plain text says nothing about turns."""
    text = write(tmp_path / "a.txt", "hello")
    with pytest.raises(EvaluationError, match="in no format"):
        score_der(text, text)


def test_our_document_is_scored_against_any_reference(tmp_path: Path) -> None:
    """The reader handed in gives turns and words."""
    found = write(tmp_path / "hyp.json")
    turns = write(tmp_path / "ref.rttm", speaker("one", 0, 2))
    assert score_der(turns, found).total.der == 0
    text = write(tmp_path / "ref.txt", "Good morning, Anna.")
    assert wer_report(text, found, read_transcript=read_transcript).total.deleted == 1
    speakers = write(tmp_path / "ref.stm", "one 1 anna 0 1 good", "one 1 boris 1 2 morning")
    assert cpwer_report(speakers, found, read_transcript=read_transcript).total.errors == 2
    assert wder_report(speakers, found, read_transcript=read_transcript).total.errors == 1


def test_word_times_decide_the_order_for_wer(tmp_path: Path) -> None:
    """CTM lines may come in any order."""
    truth = write(tmp_path / "ref.txt", "one two")
    found = write(tmp_path / "hyp.ctm", "a 1 5 1 two", "a 1 0 1 one")
    assert wer_report(truth, found, read_transcript=read_transcript).total.wer == 0


def test_a_reference_without_speakers_cannot_judge_them(tmp_path: Path) -> None:
    """Words without a speaker on the reference side are refused, not paired."""
    nameless = Transcript(Recording("a", 1.0), words=(Word(Span(0, 1), "hello"),))
    path = write(tmp_path / "ref.json")
    with pytest.raises(EvaluationError, match="words without a speaker"):
        wder_report(path, path, read_transcript=lambda _path: nameless)
    with pytest.raises(EvaluationError, match="words without a speaker"):
        cpwer_report(path, path, read_transcript=lambda _path: nameless)
