"""The page of the Laravel package names what its code has."""

from __future__ import annotations

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "integrations/laravel"
PAGE = (PACKAGE / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_on_the_page() -> None:
    """By the name that .env has, and with the default that the code has where it is a number."""
    config = (PACKAGE / "config/stenograf.php").read_text(encoding="utf-8")
    settings = re.findall(r"env\('([A-Z_]+)'(?:, ([\d.]+)\))?", config)
    assert len(settings) >= 15
    for name, default in settings:
        [row] = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line]
        assert default in row, name


def test_every_exception_is_on_the_page() -> None:
    """So is where they all come from."""
    names = {path.stem for path in (PACKAGE / "src/Exceptions").glob("*.php")}
    assert len(names) >= 10
    assert {name for name in names if f"`{name}`" not in PAGE} <= {"ServiceException"}


def test_the_example_of_the_brief_is_on_the_page() -> None:
    """As older applications have it; the package's own tests run it."""
    example = "$task = new AudioRecognitionTask($apiRequest);\n{}$result = $task->handle();"
    assert example.format("") in PAGE
    test = (PACKAGE / "tests/RealServiceTest.php").read_text(encoding="utf-8")
    assert example.format(" " * 8) in test
