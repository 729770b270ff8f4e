"""The commands of the README with real audio and real engines."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from stenograf.export import FORMATS, read_evidence
from stenograf.models.convert import convert_wespeaker
from stenograf.testing.resnet import random_resnet34
from stenograf.testing.whisper import write_random_whisper

pytestmark = pytest.mark.e2e

Stenograf = Callable[..., "CompletedProcess[str]"]
JFK = (
    "And so my fellow Americans, ask not what your country can do for you, "
    "ask what you can do for your country."
)
SPHINX = ("--engine", "pocketsphinx", "--language", "en", "--offline")


def test_word_error_rate_of_a_real_transcript_is_printed(
    stenograf: Stenograf, assets: Path, tmp_path: Path
) -> None:
    """`transcribe` and `evaluate wer` meet on jfk.flac; most words are right."""
    reference = tmp_path / "jfk.txt"
    reference.write_text(JFK, encoding="utf-8")
    done = stenograf(
        "transcribe", assets / "audio/asr/jfk.flac", *SPHINX, "-f", "json", "-o", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    scored = stenograf("evaluate", "wer", reference, tmp_path / "out/jfk.json", "--json")
    assert scored.returncode == 0, scored.stderr
    assert 0 <= json.loads(scored.stdout)["total"]["wer"] < 0.5


def test_whisper_runs_end_to_end(stenograf: Stenograf, assets: Path, tmp_path: Path) -> None:
    """A model of real architecture, with random weights, gives a complete document."""
    whisper = write_random_whisper(tmp_path / "whisper")
    done = stenograf(
        "transcribe", assets / "audio/diarization/pyannote-sample/sample.wav",
        "--model", whisper, "--language", "ru", "--speakers", "2", "-f", "json", "--offline",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["language"] == "ru"
    assert len(document["speakers"]) == 2
    assert all("speaker" in word for word in document["words"])
    engines = {use["task"]: use["engine"] for use in document["provenance"]["models"]}
    assert engines["recognize"] == "faster-whisper"


def test_every_format_is_written(stenograf: Stenograf, assets: Path, tmp_path: Path) -> None:
    """One call writes each format under the recording's name, and `export` does it again later."""
    out, again = tmp_path / "out", tmp_path / "again"
    listed = ",".join(FORMATS)
    recording = assets / "audio/asr/jfk.flac"
    done = stenograf("transcribe", recording, *SPHINX, "-f", listed, "-o", out)
    assert done.returncode == 0, done.stderr
    suffixes = {known.suffix for known in FORMATS.values()}
    assert {f"jfk{suffix}" for suffix in suffixes} <= {path.name for path in out.iterdir()}
    assert stenograf("export", out / "jfk.json", "-f", listed, "-o", again).returncode == 0
    for suffix in suffixes - {".docx", ".eaf"}:  # these two carry the time of writing
        assert (again / f"jfk{suffix}").read_bytes() == (out / f"jfk{suffix}").read_bytes()


def test_standard_input_and_output_are_streams(stenograf: Stenograf, assets: Path) -> None:
    """`-` reads a recording from a pipe, and RTTM is all that standard output holds."""
    content = (assets / "audio/diarization/pyannote-sample/sample.wav").read_bytes()
    done = stenograf("diarize", "-", "--speakers", "2", "--offline", stdin=content)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert all(line.startswith("SPEAKER stdin 1 ") for line in lines)
    assert {line.split()[7] for line in lines} == {"SPEAKER_00", "SPEAKER_01"}


def test_rttm_names_the_recording(stenograf: Stenograf, assets: Path, tmp_path: Path) -> None:
    """The file id is the stem, and `evaluate der` scores the result."""
    sample = assets / "audio/diarization/pyannote-sample"
    done = stenograf("diarize", sample / "sample.wav", "--offline", "-o", tmp_path / "found.rttm")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "found.rttm").read_text(encoding="utf-8")
    assert text.startswith("SPEAKER sample 1 ")
    scored = stenograf("evaluate", "der", sample / "sample.rttm", tmp_path / "found.rttm", "--json")
    assert 0 < json.loads(scored.stdout)["total"]["der"] < 0.6


def test_events_are_json_lines_on_standard_error(stenograf: Stenograf, assets: Path) -> None:
    """A program reads progress from one stream and the result from the other."""
    recording = assets / "audio/asr/jfk.flac"
    done = stenograf("transcribe", recording, *SPHINX, "--no-diarize", "--json-events")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events[-1]["type"] == "finished"
    assert {"progress", "words"} <= {event["type"] for event in events}
    assert {event["file"] for event in events if event["type"] == "words"} == {"jfk.flac"}


def test_missing_model_offline_says_what_to_do(stenograf: Stenograf, assets: Path) -> None:
    """Without a model and without the network the answer is an error with the way by hand."""
    done = stenograf("transcribe", assets / "audio/asr/jfk.flac", "--offline", "--quiet")
    assert done.returncode == 4
    assert "model.offline" in done.stderr
    assert "stenograf models import" in done.stderr


def test_unknown_format_is_refused_before_any_work(stenograf: Stenograf, assets: Path) -> None:
    """A typing mistake does not cost an hour of recognition."""
    done = stenograf("transcribe", assets / "audio/asr/jfk.flac", "-f", "dox")
    assert done.returncode == 2
    assert "docx" in done.stderr


@pytest.mark.parametrize(
    "contradiction",
    [["--speakers", "2", "--max-speakers", "3"], ["--no-diarize", "--speakers", "2"]],
)
def test_contradicting_options_are_refused(
    stenograf: Stenograf, assets: Path, contradiction: list[str]
) -> None:
    """Options that exclude each other end with a sentence and status 2."""
    done = stenograf("transcribe", assets / "audio/asr/jfk.flac", *SPHINX, *contradiction)
    assert done.returncode == 2
    assert "option.invalid" in done.stderr


def test_results_that_cannot_be_written_are_told(
    stenograf: Stenograf, assets: Path, tmp_path: Path
) -> None:
    """A file where a folder is needed gives the output error, not a traceback."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    recording = assets / "audio/asr/jfk.flac"
    done = stenograf("transcribe", recording, *SPHINX, "-f", "srt", "-o", tmp_path / "taken")
    assert done.returncode == 7


def test_transcript_that_is_none_is_refused(stenograf: Stenograf, tmp_path: Path) -> None:
    """`export` tells a broken document from a missing one."""
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert stenograf("export", tmp_path / "broken.json", "-f", "srt").returncode == 6
    assert stenograf("export", tmp_path / "nowhere.json", "-f", "srt").returncode == 6


@pytest.mark.parametrize(
    ("asked", "model", "hop_s"),
    [
        ("auto", "segmentation-3.0 + wespeaker-resnet34 + community-1-plda", 1.0),
        ("onnx-2s", "segmentation-3.0 + wespeaker-resnet34 + community-1-plda", 2.0),
        ("onnx-ge2e", "segmentation-3.0 + ge2e", 1.0),
    ],
)
def test_diarizers_of_windows_run_where_their_models_are(
    stenograf: Stenograf,
    assets: Path,
    models_dir: Path,
    tmp_path: Path,
    asked: str,
    model: str,
    hop_s: float,
) -> None:
    """With the parts on disk `auto` takes community-1's; step and encoder follow the name."""
    shutil.copytree(assets / "models/segmentation-3.0", models_dir / "segmentation-3.0")
    plda, voices = models_dir / "community-1-plda", models_dir / "wespeaker-resnet34"
    plda.mkdir()
    for name in ("plda.npz", "xvec_transform.npz"):
        shutil.copy(assets / "models/community-1-plda" / name, plda)
    voices.mkdir()
    weights = random_resnet34(np.random.default_rng(0))
    convert_wespeaker(weights, voices / "trunk.onnx", voices / "head.npz")
    recording = assets / "audio/diarization/pyannote-sample/sample.wav"
    done = stenograf(
        "diarize", recording, "--diarizer", asked, "--speakers", "2", "--offline", "--quiet",
        "-f", "json", "-o", "found.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert len(document["speakers"]) == 2
    [use] = [use for use in document["provenance"]["models"] if use["task"] == "diarize"]
    assert (use["engine"], use["model"]) == ("onnx", model)
    evidence = read_evidence((tmp_path / "found.speakers.npz").read_bytes())
    assert evidence.number("hop_s") == hop_s
