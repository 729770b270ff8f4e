"""Transcripts as the commands that change them show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stenograf.cli.main import main
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Transcript, Word
from stenograf.export import render


@pytest.mark.parametrize(("args", "status"), [(["list"], 0), (["rename"], 2)])
def test_a_transcript_without_speakers_says_so(
    args: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither silence nor an empty list to choose from."""
    document = Transcript(Recording("call.mp3", 2.0), words=(Word(Span(0, 1), "Да."),))
    path = tmp_path / "call.json"
    path.write_bytes(render(document, "json"))
    with pytest.raises(SystemExit) as left:
        main(["speakers", *args, str(path), *(["Anna", "Boris"] if args == ["rename"] else [])])
    shown = capsys.readouterr()
    assert (left.value.code, shown.out) == (status, "")
    assert "This transcript names no speakers." in shown.err
    assert "Choose one of" not in shown.err
