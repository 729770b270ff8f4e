"""Waiting for jobs without a thread for each: one loop asks the queue for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool

from stenograf.jobs import Job, JobEvent, Queue

FASTEST_S: Final = 0.05
SLOWEST_S: Final = 1.0
PER_JOB_S: Final = 0.005  # what one look may cost; a hundred who wait are asked for twice a second

Gone = Callable[[], Awaitable[bool]]


class JobWatch:
    """Wakes those who wait for a job when it may have changed."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._n_waiting = 0

    async def finished(self, job_id: str, *, gone: Gone) -> Job:
        """The job when it is final; one whose client is gone is cancelled on the way."""
        self._n_waiting += 1
        asked = False
        try:
            while True:
                job = await run_in_threadpool(self._queue.get, job_id)
                if job.is_final:
                    return job
                if not asked and await gone():
                    await run_in_threadpool(self._queue.cancel, job_id)
                    asked = True
                await asyncio.sleep(self._pause_s)
        except asyncio.CancelledError:
            with CancelScope(shield=True):
                await run_in_threadpool(self._queue.cancel, job_id)
            raise
        finally:
            self._n_waiting -= 1

    async def events(self, job_id: str, *, after: int, gone: Gone) -> AsyncIterator[JobEvent]:
        """Events from number `after` on, as they come, until the job is final."""
        self._n_waiting += 1
        try:
            while not await gone():
                job = await run_in_threadpool(self._queue.get, job_id)
                for event in await run_in_threadpool(self._queue.events, job_id, after=after):
                    after = event.seq
                    yield event
                if job.is_final:
                    return
                await asyncio.sleep(self._pause_s)
        finally:
            self._n_waiting -= 1

    @property
    def _pause_s(self) -> float:
        return min(SLOWEST_S, max(FASTEST_S, PER_JOB_S * self._n_waiting))
