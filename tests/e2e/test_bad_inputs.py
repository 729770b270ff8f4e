"""Everything that can be wrong with a recording, through the command that people type."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stenograf.testing.bad_inputs import BAD_INPUTS

pytestmark = pytest.mark.e2e

REFUSED = [case for case in BAD_INPUTS if case.code]
DAMAGED = [case for case in BAD_INPUTS if case.notice]


def transcribe(*arguments: object, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """The real command, with the engine whose model is in its package and without speakers."""
    command = [sys.executable, "-m", "stenograf", "transcribe", "--engine", "pocketsphinx"]
    return subprocess.run(
        [*command, "--language", "en", "--no-diarize", "--offline", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
        env=None,
    )


def test_every_bad_recording_gets_its_code_and_the_next_one_is_worked_on(tmp_path: Path) -> None:
    """One call with all of them ends without a traceback and names each with its code."""
    paths = [case.write(tmp_path) for case in REFUSED]
    done = transcribe("--quiet", *paths)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    summary = done.stderr[done.stderr.rindex(f"{len(REFUSED)} of {len(REFUSED)}") :]
    for case, path in zip(REFUSED, paths, strict=True):
        assert f"{path} ({case.code})" in summary, case.how


def test_every_damaged_recording_gives_a_document_that_says_so(tmp_path: Path) -> None:
    """What can be decoded is kept, and the document holds the notice."""
    for case in DAMAGED:
        path = case.write(tmp_path)
        done = transcribe("--quiet", "--format", "json", path)
        assert done.returncode == 0, f"{case.how}: {done.stderr}"
        codes = {notice["code"] for notice in json.loads(done.stdout)["notices"]}
        assert case.notice in codes, case.how


def test_corpus_is_as_large_as_promised() -> None:
    """At least forty ways to go wrong are known."""
    assert len(BAD_INPUTS) >= 40
