"""A made meeting through the real commands: told apart, told apart again, merged, split."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from stenograf.evaluate import der
from stenograf.export import read_json
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.meetings import Meeting, MeetingPlan, build_meeting, read_voices

pytestmark = pytest.mark.e2e

Stenograf = Callable[..., "CompletedProcess[str]"]
WAV = MediaFormat("wav", "wav", "pcm_s16le", rate_hz=16_000)
PLAN = MeetingPlan(n_speakers=3, duration_s=60.0, seed=3)


@pytest.fixture
def meeting(assets: Path) -> Meeting:
    return build_meeting(read_voices(assets / "audio/speakers/test-other"), PLAN)


@pytest.fixture
def document(stenograf: Stenograf, meeting: Meeting, tmp_path: Path) -> Path:
    """The meeting with words and with the number of speakers found by itself."""
    write_media(tmp_path / "meeting.wav", meeting.samples, WAV)
    done = stenograf(
        "transcribe", "meeting.wav", "--engine", "pocketsphinx", "--language", "en", "--offline",
        "-f", "json", "-o", "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/meeting.speakers.npz").exists()
    return tmp_path / "out/meeting.json"


def stored(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_again_equals_a_fresh_run(stenograf: Stenograf, document: Path, tmp_path: Path) -> None:
    """Two speakers afterwards are two speakers at once: turns, speakers and words."""
    again = stenograf("recluster", document, "--speakers", "2", "-o", tmp_path / "again.json")
    assert again.returncode == 0, again.stderr
    fresh = stenograf(
        "transcribe", "meeting.wav", "--engine", "pocketsphinx", "--language", "en", "--offline",
        "--speakers", "2", "-f", "json", "--no-evidence", "-o", "fresh",
    )  # fmt: skip
    assert fresh.returncode == 0, fresh.stderr
    assert not (tmp_path / "fresh/meeting.speakers.npz").exists()
    ours, theirs = stored(tmp_path / "again.json"), stored(tmp_path / "fresh/meeting.json")
    for part in ("turns", "speakers"):
        assert ours[part] == theirs[part]
    said = [
        [(word["text"], word["speaker"]) for word in document["words"]]
        for document in (ours, theirs)
    ]
    assert said[0] == said[1]
    assert ours["provenance"]["options"]["speakers"] == 2
    assert ours["notices"][-1]["code"] == "speakers.reclustered"


def test_merge_then_split_finds_the_two_again(
    stenograf: Stenograf, document: Path, meeting: Meeting
) -> None:
    """What a hand put together, the voices take apart; names stay."""
    stenograf("recluster", document, "--speakers", "3")
    before = read_json(document.read_bytes())
    renamed = stenograf("speakers", "rename", document, "SPEAKER_00", "Анна", "--role", "host")
    assert "Анна\thost" in renamed.stdout
    merged = stenograf("speakers", "merge", document, "SPEAKER_02", "--into", "Анна")
    assert len(merged.stdout.splitlines()) == 2
    split = stenograf("speakers", "split", document, "Анна")
    assert split.returncode == 0, split.stderr
    after = read_json(document.read_bytes())
    assert [speaker.name for speaker in after.speakers].count("Анна") == 1
    truth = list(meeting.turns)
    error = der(truth, list(after.turns)).der
    assert error is not None
    assert error <= (der(truth, list(before.turns)).der or 0.0) + 0.03
    assert [word.text for word in after.words] == [word.text for word in before.words]


def test_a_wrong_or_missing_file_is_an_error_that_helps(
    stenograf: Stenograf, document: Path, tmp_path: Path
) -> None:
    """Exit status and code are those of the documents; the transcript stays as it was."""
    content = document.read_bytes()
    missing = stenograf("recluster", document, "--evidence", "none.npz")
    assert missing.returncode == 6
    assert "--evidence" in missing.stderr
    evidence = tmp_path / "out/meeting.speakers.npz"
    evidence.write_bytes(evidence.read_bytes()[:-100])
    broken = stenograf("recluster", document)
    assert broken.returncode == 6
    assert "document.invalid" in broken.stderr
    assert document.read_bytes() == content


def test_diarize_keeps_evidence_too(stenograf: Stenograf, meeting: Meeting, tmp_path: Path) -> None:
    """A document without words can be reclustered as well."""
    write_media(tmp_path / "meeting.wav", meeting.samples, WAV)
    done = stenograf("diarize", "meeting.wav", "--offline", "-f", "json", "-o", "m.json")
    assert done.returncode == 0, done.stderr
    again = stenograf("recluster", "m.json", "--speakers", "5")
    assert again.returncode == 0, again.stderr
    assert len(stored(tmp_path / "m.json")["speakers"]) == 5
