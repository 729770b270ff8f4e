"""The loop of a worker: claim, work, record, until somebody stops it."""

from __future__ import annotations

import logging
import threading
from typing import Final

from stenograf.core.errors import StenografError
from stenograf.jobs.attempt import Attempt, Work
from stenograf.jobs.port import Lease, Worker

LEASE_S: Final = 15.0
"""How long a silent worker keeps its job; it renews the lease twice a second."""

POLL_S: Final = 0.5
"""How long an idle worker waits before it looks for a job again."""

log = logging.getLogger(__name__)


def run_worker(
    queue: Worker,
    work: Work,
    *,
    name: str,
    stop: threading.Event,
    lease_s: float = LEASE_S,
) -> None:
    """Do one job after another until `stop` is set; a job in hand is given back then.

    `name` is unlike that of any other worker. No error of a job or of the database ends the loop.
    """
    while not stop.is_set():
        lease = _claimed(queue, name, lease_s)
        if lease is None:
            stop.wait(POLL_S)
        else:
            Attempt(queue, lease, lease_s=lease_s, stop=stop).run(work)


def _claimed(queue: Worker, name: str, lease_s: float) -> Lease | None:
    try:
        return queue.claim(name, lease_s=lease_s)
    except StenografError as error:
        log.warning("no job can be had: %s", error)
        return None
