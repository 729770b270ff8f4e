"""The language of a recording, without the time that its words would take."""

from __future__ import annotations

import numpy as np

from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
from stenograf.pipeline.only_language import OnlyLanguage
from stenograf.testing.fakes import FakeRecognizer


def test_no_block_is_decoded_for_the_language() -> None:
    """The engine says the language and begins with no block; progress still ends at one."""
    audio, engine, seen = np.ones(64_000, dtype=np.float32), FakeRecognizer(), list[float]()
    found = OnlyLanguage(engine).recognize(
        audio, [Span(0.0, 4.0)], AsrOptions(), on_progress=seen.append
    )
    assert (list(found.words), found.language, engine.heard) == ([], "en", [])
    assert seen[-1] == 1.0
