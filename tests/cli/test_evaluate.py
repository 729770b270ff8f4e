"""The command group `stenograf evaluate`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stenograf.cli.evaluate import evaluate
from stenograf.core.errors import EvaluationError
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Turn, Word
from stenograf.export import render, to_json


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(evaluate, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def turns(tmp_path: Path) -> tuple[Path, Path]:
    """A reference of 10 s, and a result that misses two of them and names the speaker otherwise."""
    truth, found = tmp_path / "call.rttm", tmp_path / "result.rttm"
    truth.write_text("SPEAKER call 1 0 10 <NA> <NA> Анна <NA> <NA>\n", encoding="utf-8")
    found.write_text("SPEAKER call 1 0 8 <NA> <NA> S0 <NA> <NA>\n", encoding="utf-8")
    return truth, found


@pytest.fixture
def lines(tmp_path: Path) -> tuple[Path, Path]:
    """Four words of two speakers, and a result that gives one word to the wrong one."""
    truth, found = tmp_path / "call.stm", tmp_path / "result.stm"
    truth.write_text("call 1 anna 0 2 Всё хорошо\ncall 1 boris 2 4 очень рад\n", encoding="utf-8")
    found.write_text("call 1 x 0 3 все хорошо очень\ncall 1 y 3 4 рад\n", encoding="utf-8")
    return truth, found


def test_der_prints_rates_and_the_rules_behind_them(turns: tuple[Path, Path]) -> None:
    """Collar and overlap are always said."""
    result = run("der", *turns)
    assert result.exit_code == 0
    assert "20.00%" in result.stdout
    assert "collar 0 s on each side, overlap scored" in result.stdout
    assert result.stderr == ""


def test_der_rules_are_options(turns: tuple[Path, Path], tmp_path: Path) -> None:
    """The printed rules follow the options."""
    uem = tmp_path / "call.uem"
    uem.write_text("call 1 0 8\n", encoding="utf-8")
    result = run("der", *turns, "--uem", uem, "--collar", "0.25", "--skip-overlap")
    assert "0.00%" in result.stdout
    assert "collar 0.25 s on each side, overlap skipped, inside call.uem" in result.stdout


def test_json_holds_total_and_recordings(turns: tuple[Path, Path]) -> None:
    """Programs read counts, rates and rules."""
    data = json.loads(run("der", *turns, "--json", "--collar", "0.1").stdout)
    assert data["total"]["der"] == pytest.approx(1.9 / 9.8)
    assert data["total"]["collar_s"] == 0.1
    assert data["total"]["score_overlap"] is True
    assert data["recordings"]["call"]["missed_s"] == pytest.approx(1.9)


def test_wer_states_how_words_are_compared(lines: tuple[Path, Path]) -> None:
    """The two letters of Russian do not count, unless words are taken as written."""
    easy = run("wer", *lines)
    assert "0.00%" in easy.stdout
    assert "Text: lower case, no punctuation, ё as е" in easy.stdout
    strict = run("wer", *lines, "--as-written")
    assert "25.00%" in strict.stdout
    assert "Text: as written" in strict.stdout


def test_cpwer_and_wder_judge_speakers(lines: tuple[Path, Path]) -> None:
    """One word of four went to the wrong speaker: two edits, one wrong label."""
    assert json.loads(run("cpwer", *lines, "--json").stdout)["total"]["cpwer"] == 0.5
    assert "50.00%" in run("cpwer", *lines).stdout
    assert json.loads(run("wder", *lines, "--json").stdout)["total"]["wder"] == 0.25
    assert "25.00%" in run("wder", *lines).stdout


def test_results_without_reference_are_named(turns: tuple[Path, Path], tmp_path: Path) -> None:
    """They are left out, and that is said on standard error."""
    truth, found = turns
    references, results = tmp_path / "ref", tmp_path / "hyp"
    for folder, source, names in (
        (references, truth, ["call"]),
        (results, found, ["call", "more"]),
    ):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.rttm").write_bytes(source.read_bytes())
    result = run("der", references, results, "--json")
    assert json.loads(result.stdout)["unused"] == ["more.rttm"]
    assert "Not scored, without reference: more.rttm" in result.stderr


def test_a_recording_named_like_markup_is_printed_as_it_is(tmp_path: Path) -> None:
    """Square brackets in names are no colours."""
    path = tmp_path / "a.rttm"
    path.write_text("SPEAKER [red]call 1 0 1 <NA> <NA> A <NA> <NA>\n", encoding="utf-8")
    assert "[red]call" in run("der", path, path).stdout


def test_an_empty_reference_prints_no_rate(tmp_path: Path) -> None:
    """A dash in the table, null in JSON."""
    path = tmp_path / "a.txt"
    path.write_text("", encoding="utf-8")
    assert json.loads(run("wer", path, path, "--json").stdout)["total"]["wer"] is None
    assert "%" not in run("wer", path, path).stdout


def test_a_transcript_is_scored_against_its_own_exports(tmp_path: Path) -> None:
    """Our JSON and what we write as RTTM and CTM say the same."""
    transcript = Transcript(
        Recording("call.wav", 4.0),
        words=(
            Word(Span(0.0, 1.0), "Добрый", speaker="SPEAKER_00"),
            Word(Span(1.0, 2.0), "день!", speaker="SPEAKER_00"),
            Word(Span(2.5, 4.0), "Здравствуйте.", speaker="SPEAKER_01"),
        ),
        turns=(Turn(Span(0.0, 2.0), "SPEAKER_00"), Turn(Span(2.5, 4.0), "SPEAKER_01")),
        speakers=(Speaker("SPEAKER_00"), Speaker("SPEAKER_01")),
    )
    document = tmp_path / "call.json"
    document.write_bytes(to_json(transcript))
    for metric, format in (("der", "rttm"), ("wer", "ctm")):
        reference = tmp_path / f"call.{format}"
        reference.write_bytes(render(transcript, format))
        total = json.loads(run(metric, reference, document, "--json").stdout)["total"]
        assert total[metric] == 0
        assert total.get("total_s", total.get("n_words")) == pytest.approx(3.5, abs=0.5)
    assert json.loads(run("cpwer", document, document, "--json").stdout)["total"]["n_words"] == 3


def test_json_of_something_else_is_named(tmp_path: Path) -> None:
    """In a folder of many files the user must know which one is wrong."""
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"broken\.json is not a transcript"):
        run("der", path, path)


def test_bad_input_is_an_evaluation_error(tmp_path: Path) -> None:
    """The door prints it; here it passes through."""
    with pytest.raises(EvaluationError, match="There is no file"):
        run("wer", tmp_path / "a.txt", tmp_path / "b.txt")


def test_a_negative_collar_is_a_wrong_call(turns: tuple[Path, Path]) -> None:
    """Click refuses before anything is read."""
    assert run("der", *turns, "--collar", "-1").exit_code == 2


@pytest.mark.e2e
def test_a_real_process_prints_the_score_and_nothing_else(turns: tuple[Path, Path]) -> None:
    """No warning of a library reaches the user."""
    command = [sys.executable, "-m", "stenograf", "evaluate"]
    done = subprocess.run(
        [*command, "der", *turns, "--json"], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["total"]["der"] == pytest.approx(0.2)


@pytest.mark.e2e
def test_a_real_process_ends_with_the_documented_status(turns: tuple[Path, Path]) -> None:
    """A file of the wrong kind is a sentence with its code, not a traceback."""
    command = [sys.executable, "-m", "stenograf", "evaluate"]
    failed = subprocess.run(
        [*command, "wer", *turns], capture_output=True, encoding="utf-8", check=False
    )
    assert failed.returncode == 8
    assert "code: evaluate" in failed.stderr
    assert "Traceback" not in failed.stderr
