"""The example in docs/adding-an-engine.md runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from stenograf.core.span import Span

PAGE = Path(__file__).parents[2] / "docs/adding-an-engine.md"


def test_the_example_runs() -> None:
    """Its blocks execute one after another, and the class keeps the port's promises."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)  # noqa: S102 - our own page
    audio = np.zeros(16_000, dtype=np.float32)
    result = names["OneWordRecognizer"]().recognize(audio, [Span(0.0, 0.5)], None)
    assert [word.span for word in result.words] == [Span(0.0, 0.5)]
