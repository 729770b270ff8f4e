"""What the end of a process means."""

from __future__ import annotations

import signal
from typing import Final

from stenograf.core.errors import EngineCrashedError, StenografError
from stenograf.isolation.memory import kills_for_memory, says_so, without_memory

WINDOWS_NO_MEMORY: Final = {0xC0000017, 0xC000012D}  # STATUS_NO_MEMORY, STATUS_COMMITMENT_LIMIT
WINDOWS_FAULTS: Final = 0xC0000000  # NTSTATUS: severity "error"


def ending(status: int, output: str, kills_before: int | None) -> StenografError:
    """The error for a process that ended with `status` and printed `output` last.

    `kills_before` is what `kills_for_memory` said when it started: a process killed from outside
    while the kernel killed somebody for memory is taken for the one. Where the kernel does not
    count, a kill from outside is one for lack of memory: nobody else kills single processes.

    >>> str(ending(-11, "", None))
    "The engine's process died (SIGSEGV)."
    """
    how = _named(status)
    if status in WINDOWS_NO_MEMORY or says_so(output):
        return without_memory(how, output=output)
    if how == "SIGKILL" and (kills_before is None or kills_for_memory() != kills_before):
        return without_memory(how, output=output)
    return EngineCrashedError("The engine's process died ({how}).", how=how, output=output)


def with_trace(error: StenografError, trace: str) -> StenografError:
    """The child's error with the place in the child, for those who print tracebacks."""
    if trace:
        error.add_note(trace)
    return error


def _named(status: int) -> str:
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
    return f"{status:#x}" if status >= WINDOWS_FAULTS else f"exit status {status}"
