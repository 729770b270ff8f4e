"""The one line about a recording that a log keeps."""

from __future__ import annotations

import shlex
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.transcript import Provenance, Recording, Speaker, Transcript
from stenograf.pipeline.monitoring import as_line, measures

PROVENANCE = Provenance(
    "0.1.0", "2026-01-01T00:00:00+00:00", timings={"decode": 0.5, "recognize": 9.004, "total": 12.0}
)
TRANSCRIPT = Transcript(
    Recording("my call.mp3", 60.0, size_bytes=480_000),
    speakers=(Speaker("SPEAKER_00"), Speaker("SPEAKER_01")),
    language="ru",
    language_probability=0.98765,
    provenance=PROVENANCE,
)


def test_the_line_tells_what_the_brief_asks_for() -> None:
    """File and its size, language and how sure, speakers, real-time factor, seconds by stage."""
    assert as_line(measures(TRANSCRIPT)) == (
        'file="my call.mp3" at=2026-01-01T00:00:00+00:00 size_bytes=480000 duration_s=60.0 '
        "language=ru language_probability=0.988 speakers=2 words=0 rtf=0.2 "
        "decode_s=0.5 recognize_s=9.0 total_s=12.0"
    )


def test_what_nobody_measured_is_left_out() -> None:
    """A document made by hand has no timings and no size."""
    bare = replace(TRANSCRIPT, provenance=None, language_probability=None)
    line = as_line(measures(bare))
    assert "rtf" not in line
    assert "None" not in line


def test_sound_of_no_length_has_no_factor() -> None:
    """Nothing is divided by zero."""
    assert replace(TRANSCRIPT, recording=Recording("a", 0.0)).real_time_factor is None


@given(st.text())
def test_any_name_stays_on_one_line_and_is_read_back(name: str) -> None:
    """Spaces, quotes and line breaks in a name do not break the line into other fields."""
    line = as_line({"file": name, "speakers": 2})
    assert line.splitlines() == [line]
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name)
    if "'" not in shown and "#" not in shown:  # shells quote with them too
        assert shlex.split(line) == [f"file={shown}", "speakers=2"]
