"""The example in docs/tuning.md runs, and the presets in it are the real ones."""

from __future__ import annotations

import re
from pathlib import Path

from stenograf.pipeline.presets import PRESETS

PAGE = Path(__file__).parents[2] / "docs/tuning.md"


def test_the_example_runs() -> None:
    """Its assertions hold."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    for block in blocks:
        exec(block, {})  # noqa: S102 - our own page


def test_the_table_of_presets_is_true() -> None:
    """Model and batch of each."""
    text = PAGE.read_text(encoding="utf-8")
    for name, preset in PRESETS.items():
        assert f"| `{name}` | {preset.model} | {preset.batch_size} |" in text
