"""What pip calls us; the plain name is another program's on PyPI."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from stenograf.core.distribution import DISTRIBUTION

ROOT = Path(__file__).parents[2]
WRITTEN = {".cfg", ".cuda", ".json", ".md", ".mjs", ".php", ".po", ".ps1", ".py", ".toml", ".yaml"}
"""Endings of the files in which people look for a command."""

BY_ANOTHERS_NAME = re.compile(
    r"\bstenograf\[|(?:install|download|inject) [\"']?stenograf(?![-_\w/])"
)
"""An extra of `stenograf`, or that name given to an installer."""


def test_hints_name_the_package_that_is_built() -> None:
    """One name in the code and in pyproject.toml; the command keeps the short one."""
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert built["name"] == DISTRIBUTION
    assert set(built["scripts"]) == {"stenograf"}


def test_nothing_tells_pip_to_fetch_the_stranger() -> None:
    """Neither code, nor docs, nor deployment, in any language."""
    guilty = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for folder in ("src", "docs", "deploy", "integrations", "compat", "demo", ".")
        for path in (ROOT / folder).glob("*" if folder == "." else "**/*")
        if path.suffix in WRITTEN or path.name == "Dockerfile"
        for found in BY_ANOTHERS_NAME.finditer(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []
