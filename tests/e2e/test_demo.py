"""`make demo` keeps its promise."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("models_dir")
def test_demo_gets_nine_of_ten_speakers_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no model hub, both speakers appear, at least 90 % of the words are theirs, and the
    README's picture shows it.
    """
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # a port where nobody answers
    done = subprocess.run(
        [sys.executable, ROOT / "demo/run.py"],
        capture_output=True, text=True, encoding="utf-8", timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "SPEAKER_00" in done.stdout
    assert "SPEAKER_01" in done.stdout
    counted = re.search(r"Speakers right for (\d+) of (\d+) words", done.stdout)
    assert counted is not None
    right, total = map(int, counted.groups())
    assert total > 80
    assert right >= 0.9 * total
    assert "PocketSphinx" in done.stderr
    shown, printed = set(picture().split()), set(done.stdout.split())
    assert len(shown & printed) >= 0.9 * len(shown), "renew docs/demo.svg: demo/run.py --picture"


def picture() -> str:
    """The words of the README's picture; a few may differ between processors."""
    drawn = (ROOT / "docs/demo.svg").read_text(encoding="utf-8")
    lines = re.findall(r'<text class="[^"]*-r\d+"[^>]*>(.*?)</text>', drawn)
    return html.unescape(" ".join(lines)).replace("\xa0", " ")
