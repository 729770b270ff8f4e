"""The README's own example runs and prints what the README shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.e2e


def blocks(language: str) -> list[str]:
    """Code blocks of the README in one language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.usefixtures("models_dir")
def test_python_example_prints_what_the_readme_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first line comes out where no model hub can be reached."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # a port where nobody answers
    [example], [shown] = blocks("python"), blocks("text")
    done = subprocess.run(
        [sys.executable, "-c", example],
        capture_output=True, text=True, encoding="utf-8", timeout=240, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # One word of PocketSphinx may differ between processors; time, speaker and most words may not.
    first, expected = done.stdout.splitlines()[0].split(), shown.split()
    assert first[:2] == expected[:2]
    assert len(set(expected) & set(first)) >= 0.8 * len(set(expected))


def test_every_command_of_the_readme_exists() -> None:
    """Each `stenograf ...` line names a command and options that its help knows."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [line.split("#")[0].split() for line in lines if line.startswith("stenograf ")]
    assert len(commands) >= 6
    for command in commands:
        names = command[1:3] if command[1] in {"models", "evaluate"} else command[1:2]
        done = subprocess.run(
            [sys.executable, "-m", "stenograf", *names, "--help"],
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        for option in (part for part in command if part.startswith("-") and part != "-"):
            assert option in done.stdout, f"{option} of {' '.join(command)}"
