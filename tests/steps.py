"""A measure of work that no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(work: Callable[[], object]) -> int:
    """How many bytecodes of Python `work` runs in this thread; native code counts as one call."""
    n_steps = 0

    def watch(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal n_steps
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        n_steps += event == "opcode"
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        work()
    finally:
        sys.settrace(before)
    return n_steps
