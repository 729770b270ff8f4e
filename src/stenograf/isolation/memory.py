"""Telling a lack of memory from other failures, whoever noticed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from stenograf.core.errors import EngineOutOfMemoryError

PHRASES: Final = (
    "out of memory",  # CUDA, and Python's own
    "bad_alloc",  # C++
    "cannot allocate memory",  # ENOMEM as the C library words it
    "can't allocate memory",  # torch on a processor
    "can't start new thread",  # Python, when there is none left for a stack
    "failed to allocate memory",  # onnxruntime, mkl
    "cublas_status_alloc_failed",
    "not enough memory",
)

KERNEL_COUNTERS: Final = Path("/proc/vmstat")


def ran_out(error: BaseException) -> bool:
    """Whether a lack of memory is behind this error or what caused it.

    >>> ran_out(ValueError("CUDA failed with error out of memory")), ran_out(ValueError("no"))
    (True, False)
    """
    return any(isinstance(one, MemoryError) or says_so(str(one)) for one in _chain(error))


def says_so(text: str) -> bool:
    """Whether a runtime's words speak of memory."""
    return any(phrase in text.lower() for phrase in PHRASES)


def without_memory(reason: str, **details: Any) -> EngineOutOfMemoryError:
    """The error that says so."""
    return EngineOutOfMemoryError(
        "There was not enough memory for the engine: {reason}", reason=reason, **details
    )


def kills_for_memory() -> int | None:
    """How many processes the kernel has killed for lack of memory; None where it does not say."""
    try:
        lines = KERNEL_COUNTERS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    counts = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
    return int(counts[0]) if counts else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
