"""The inside of a worker process: it ends when it is told to, and when its supervisor is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Final

from stenograf.jobs.attempt import Work
from stenograf.jobs.port import Worker
from stenograf.jobs.worker import run_worker

ORPHAN_S: Final = 2.0
"""How long a worker without a supervisor may take to give its job back."""

ORPHANED: Final = 75  # exit status: EX_TEMPFAIL of sysexits.h


def run_supervised(queue: Worker, work: Work, *, name: str) -> None:
    """Do jobs until SIGTERM, or until standard input ends because the supervisor died."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides
    threading.Thread(target=_watch_parent, args=(stop,), name="parent", daemon=True).start()
    run_worker(queue, work, name=name, stop=stop)


def _watch_parent(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()
    time.sleep(ORPHAN_S)
    os._exit(ORPHANED)
