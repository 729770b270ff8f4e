"""One job in the hands of one worker, from the lease to the record of how it ended."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from stenograf.core.errors import (
    CancelledError,
    DatabaseBusyError,
    DatabaseFailedError,
    DecoderDiedError,
    DownloadError,
    EngineCrashedError,
    EngineFailedError,
    EngineHungError,
    EngineOutOfMemoryError,
    LanguageModelUnreachableError,
    LeaseLostError,
    OutputError,
    StenografError,
)
from stenograf.core.events import Event
from stenograf.jobs.port import Checkpoints, Job, Lease, Worker
from stenograf.jobs.telling import Gathering

Work: TypeAlias = Callable[[Job, Checkpoints, Callable[[Event], None]], Mapping[str, Any]]
"""Does one job and gives what the record will say of it.

It calls its third argument with what happens, and lets the CancelledError pass that this raises
when the work shall stop.
"""

BEAT_S: Final = 0.5
"""How often a worker writes what happened and looks whether it shall stop."""

TRANSIENT: Final = (
    DownloadError,
    EngineFailedError,
    EngineCrashedError,
    EngineOutOfMemoryError,
    EngineHungError,
    DecoderDiedError,
    LanguageModelUnreachableError,
    OutputError,
    DatabaseBusyError,
    DatabaseFailedError,
)
"""What may go well the next time; anything else will fail again."""

log = logging.getLogger(__name__)


class Attempt:
    """Does the work while a thread keeps the lease, tells what happens, and sees who cancels."""

    def __init__(
        self, queue: Worker, lease: Lease, *, lease_s: float, stop: threading.Event
    ) -> None:
        self._queue = queue
        self._lease = lease
        self._lease_s = lease_s
        self._shutdown = stop
        self._ended = threading.Event()
        self._cancelled = False
        self._lost = False
        self._renewed_at = time.monotonic()
        self._gathered = Gathering()

    def run(self, work: Work) -> None:
        """Do it and record how it ended, unless another worker has the job by now."""
        with self._kept_alive():
            record = self._outcome(work)
        if record is not None:
            self._insist(record)

    def _outcome(self, work: Work) -> Callable[[], None] | None:
        """What there is to record; None when the job is not ours any more."""
        queue, lease = self._queue, self._lease
        try:
            result = work(lease.job, queue.checkpoints(lease), self._on_event)
        except LeaseLostError:
            return None
        except CancelledError as error:
            return self._stopped(error)
        except StenografError as error:
            failure, retry = error, isinstance(error, TRANSIENT)
        except Exception as error:  # the door of a job: nothing may end the worker
            log.exception("job %s failed unexpectedly", lease.job.id)
            failure, retry = _unexpected(error), True
        else:
            return lambda: queue.complete(lease, result)
        return lambda: queue.fail(lease, failure, retry=retry)

    def _stopped(self, error: CancelledError) -> Callable[[], None] | None:
        queue, lease = self._queue, self._lease
        if self._lost:
            return None
        if self._cancelled:
            return lambda: queue.stop(lease)
        if self._shutdown.is_set():
            return lambda: queue.release(lease)
        return lambda: queue.fail(lease, error, retry=True)  # nobody here asked for it

    def _on_event(self, event: Event) -> None:
        if self._lost or self._cancelled or self._shutdown.is_set():
            raise CancelledError("Stopped.")
        self._gathered.add(event)

    @contextmanager
    def _kept_alive(self) -> Iterator[None]:
        beating = threading.Thread(target=self._beat, name="lease", daemon=True)
        beating.start()
        try:
            yield
        finally:
            self._ended.set()
            beating.join()

    def _beat(self) -> None:
        while not (self._ended.wait(BEAT_S) or self._lost):
            try:
                self._renew_and_tell()
            except LeaseLostError:
                self._lost = True
            except StenografError as error:
                log.warning("job %s: %s", self._lease.job.id, error)
                self._lost = time.monotonic() - self._renewed_at > self._lease_s

    def _renew_and_tell(self) -> None:
        asked_at = time.monotonic()
        renewed = self._queue.renew(self._lease, lease_s=self._lease_s)
        self._renewed_at = asked_at
        self._cancelled = renewed.job.cancel_requested
        self._tell()

    def _tell(self) -> None:
        for kind, data in self._gathered.take():
            self._queue.tell(self._lease, kind, data)

    def _insist(self, record: Callable[[], None]) -> None:
        """Record how it ended, again and again while the database refuses and the lease holds."""
        while True:
            try:
                self._tell()
                return record()
            except LeaseLostError:
                return None
            except StenografError as error:
                log.warning("job %s: %s", self._lease.job.id, error)
                if time.monotonic() - self._renewed_at > self._lease_s:
                    return None  # whoever claims the job next finds its checkpoints
                time.sleep(BEAT_S)


def _unexpected(error: Exception) -> StenografError:
    return StenografError(
        "Unexpected {kind}: {reason}", kind=type(error).__name__, reason=str(error)
    )
