"""What every queue keeps its word about, on each database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select
from tests.jobs.conftest import RECORDING, Both

from stenograf.core.errors import (
    EngineFailedError,
    JobNotFoundError,
    LeaseLostError,
    QueueFullError,
    RecordingNotFoundError,
)
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Lease, NewJob
from stenograf.library.tables import checkpoints, recordings

FAILURE = EngineFailedError("The runtime gave up on {part}.", part="block 3", hint="Try again.")


def claimed(both: Both, worker: str = "a") -> Lease:
    """The next job, which must be there."""
    lease = both.worker.claim(worker, lease_s=10.0)
    assert lease is not None
    return lease


def test_a_job_comes_back_as_it_was_given(both: Both) -> None:
    """Everything in the request is in the job, and its first event says that it waits."""
    job = both.submit(options={"speakers": 2}, priority=1, key_id="k", request_id="r")
    assert both.queue.get(job.id) == job
    assert (job.status, job.attempt, job.options) == ("queued", 0, {"speakers": 2})
    assert (job.priority, job.key_id, job.request_id) == (1, "k", "r")
    assert both.told(job) == ["queued"]


def test_a_job_for_no_recording_is_refused(both: Both) -> None:
    """A job needs sound, and nothing is kept of one that has none."""
    with pytest.raises(RecordingNotFoundError):
        both.queue.submit(NewJob(kind="transcribe", recording_id="f" * 32))
    assert both.queue.list() == []


def test_an_unknown_job_is_a_typed_error(both: Both) -> None:
    """Each way to ask for a job says the same when there is none."""
    for ask in (both.queue.get, both.queue.events, both.queue.cancel, both.queue.retry):
        with pytest.raises(JobNotFoundError):
            ask("nobody")


def test_jobs_are_listed_newest_first_and_filtered(both: Both) -> None:
    """Each filter leaves what it names, and pages follow one another."""
    first, second, third = both.submit(key_id="k"), both.submit(key_id="k"), both.submit()
    both.queue.cancel(second.id)
    listed = both.queue.list
    assert [job.id for job in listed()] == [third.id, second.id, first.id]
    assert [job.id for job in listed(limit=1, offset=1)] == [second.id]
    assert [job.id for job in listed(key_id="k", status="queued")] == [first.id]
    assert listed(recording_id="other") == []


def test_a_key_with_too_many_waiting_jobs_is_refused(both: Both) -> None:
    """The limit counts waiting jobs of one key: others and running ones do not matter."""
    for _ in range(3):
        both.submit(key_id="busy")
    with pytest.raises(QueueFullError):
        both.submit(key_id="busy")
    both.submit(key_id="other")
    claimed(both)
    both.submit(key_id="busy")


def test_the_higher_priority_goes_first_then_the_older(both: Both) -> None:
    """Order of work is by priority, of equals by age."""
    old, new, urgent = both.submit(), both.submit(), both.submit(priority=5)
    order = [claimed(both).job.id for _ in range(3)]
    assert order == [urgent.id, old.id, new.id]
    assert both.worker.claim("a", lease_s=10.0) is None


def test_a_finished_job_says_what_was_recorded(both: Both, engine: Engine) -> None:
    """The result stays, the checkpoints go, and the events tell the story without gaps."""
    job = both.submit()
    lease = claimed(both)
    both.worker.checkpoints(lease).save("speech", b"1")
    both.worker.tell(lease, "progress", {"stage": "recognize", "fraction": 0.5})
    running = both.queue.get(job.id)
    assert (running.stage, running.fraction, running.worker) == ("recognize", 0.5, "a")
    both.worker.complete(lease, {"transcript_id": "t", "version": 1})
    done = both.queue.get(job.id)
    assert (done.status, done.result) == ("done", {"transcript_id": "t", "version": 1})
    assert done.is_final
    assert done.finished_at == both.clock.now
    assert both.told(job) == ["queued", "started", "progress", "done"]
    assert [event.seq for event in both.queue.events(job.id, after=2)] == [3, 4]
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(checkpoints)).scalar() == 0


def test_a_lease_that_is_renewed_holds(both: Both) -> None:
    """As long as a worker renews, nobody else gets its job."""
    both.submit()
    lease = claimed(both)
    for _ in range(5):
        both.clock.pass_by(9.0)
        lease = both.worker.renew(lease, lease_s=10.0)
        assert both.worker.claim("b", lease_s=10.0) is None


def test_the_job_of_a_silent_worker_goes_to_another(both: Both) -> None:
    """When a lease ends, the job is begun again and what was finished is still there."""
    job = both.submit()
    both.worker.checkpoints(claimed(both)).save("speech", b"found")
    both.clock.pass_by(10.1)
    second = claimed(both, "b")
    assert (second.job.id, second.job.attempt) == (job.id, 2)
    assert both.worker.checkpoints(second).load("speech") == b"found"
    assert both.worker.checkpoints(second).load("words") is None


WRITES: dict[str, Callable[[EmbeddedWorker, Lease], object]] = {
    "renew": lambda worker, lease: worker.renew(lease, lease_s=10.0),
    "tell": lambda worker, lease: worker.tell(lease, "words", {"words": []}),
    "save": lambda worker, lease: worker.checkpoints(lease).save("speech", b"stale"),
    "complete": lambda worker, lease: worker.complete(lease, {"version": 1}),
    "fail": lambda worker, lease: worker.fail(lease, FAILURE, retry=True),
    "stop": lambda worker, lease: worker.stop(lease),
    "release": lambda worker, lease: worker.release(lease),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_worker_that_lost_its_lease_cannot_write(
    both: Both, write: Callable[[EmbeddedWorker, Lease], object]
) -> None:
    """Whatever a worker writes after another one took over is refused and leaves no trace."""
    job = both.submit()
    stale = claimed(both)
    both.clock.pass_by(10.1)
    fresh = claimed(both, "b")
    both.worker.checkpoints(fresh).save("speech", b"fresh")
    before = both.queue.get(job.id), both.told(job)
    with pytest.raises(LeaseLostError):
        write(both.worker, stale)
    assert (both.queue.get(job.id), both.told(job)) == before
    assert both.worker.checkpoints(fresh).load("speech") == b"fresh"


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_for_a_job_that_was_deleted(
    both: Both, engine: Engine, write: Callable[[EmbeddedWorker, Lease], object]
) -> None:
    """A recording that is deleted takes its running job along."""
    both.submit()
    lease = claimed(both)
    with engine.begin() as connection:
        connection.execute(recordings.delete())
    with pytest.raises(LeaseLostError):
        write(both.worker, lease)


def test_a_failed_attempt_waits_longer_each_time(both: Both) -> None:
    """The wait doubles and is between half and all of it; the last failure is final."""
    job = both.submit(max_attempts=3)
    for longest_s in (8.0, 16.0):
        both.worker.fail(claimed(both), FAILURE, retry=True)
        both.clock.pass_by(longest_s / 2 - 0.1)
        assert both.worker.claim("a", lease_s=10.0) is None
        both.clock.pass_by(longest_s / 2 + 0.1)
    both.worker.fail(claimed(both), FAILURE, retry=True)
    failed = both.queue.get(job.id)
    assert (failed.status, failed.attempt) == ("failed", 3)
    assert failed.error == {
        "code": "engine.failed",
        "message": "The runtime gave up on block 3.",
        "hint": "Try again.",
    }
    assert both.told(job) == [
        "queued", "started", "retrying", "started", "retrying", "started", "failed",
    ]  # fmt: skip


def test_a_failure_that_will_repeat_is_final_at_once(both: Both) -> None:
    """Without `retry` there is no second attempt."""
    job = both.submit()
    both.worker.fail(claimed(both), FAILURE, retry=False)
    assert both.queue.get(job.id).status == "failed"


def test_a_job_that_kills_its_workers_ends_with_a_plain_reason(both: Both) -> None:
    """After the last attempt nobody gets it any more, and the next job has its turn."""
    poison = both.submit(max_attempts=2, priority=1)
    good = both.submit()
    for worker in ("a", "b"):
        lease = claimed(both, worker)
        both.worker.tell(lease, "progress", {"stage": "diarize", "fraction": 0.0})
        both.clock.pass_by(10.1)
    assert claimed(both, "c").job.id == good.id
    failed = both.queue.get(poison.id)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "job.worker_lost"
    assert failed.error["message"] == ("The worker died in attempt 2 of 2, at the stage diarize.")


def test_a_job_that_gets_further_is_no_poison(both: Both) -> None:
    """Each new checkpoint gives a job all its attempts back; the same one again does not."""
    job = both.submit(max_attempts=2)
    for name in ("words-1", "words-2", "words-3"):
        both.worker.checkpoints(claimed(both)).save(name, b"")
        both.clock.pass_by(10.1)
    both.worker.checkpoints(claimed(both)).save("words-3", b"")
    both.clock.pass_by(10.1)
    assert both.worker.claim("a", lease_s=10.0) is None
    assert both.queue.get(job.id).status == "failed"


def test_a_waiting_job_is_cancelled_at_once(both: Both) -> None:
    """Nobody gets a job that was cancelled while it waited."""
    job = both.submit()
    assert both.queue.cancel(job.id).status == "cancelled"
    assert both.worker.claim("a", lease_s=10.0) is None
    assert both.told(job) == ["queued", "cancelled"]


def test_a_running_job_is_asked_to_stop(both: Both) -> None:
    """The worker learns of it when it renews, and then the job is cancelled."""
    job = both.submit()
    lease = claimed(both)
    asked = both.queue.cancel(job.id)
    assert (asked.status, asked.cancel_requested) == ("running", True)
    assert both.worker.renew(lease, lease_s=10.0).job.cancel_requested
    both.worker.stop(lease)
    assert both.queue.get(job.id).status == "cancelled"
    assert both.queue.cancel(job.id).status == "cancelled"


def test_a_cancelled_job_is_not_begun_again(both: Both) -> None:
    """However its worker ended, a job that somebody cancelled stays cancelled."""
    ends: list[Callable[[Lease], object]] = [
        lambda lease: both.worker.fail(lease, FAILURE, retry=True),
        both.worker.release,
        lambda lease: both.worker.vanished(lease.worker),
        lambda _: both.clock.pass_by(10.1),
    ]
    for end in ends:
        job = both.submit()
        lease = claimed(both)
        both.queue.cancel(job.id)
        end(lease)
        assert both.worker.claim("b", lease_s=10.0) is None
        assert both.queue.get(job.id).status == "cancelled"


def test_a_job_given_back_does_not_count_the_attempt(both: Both) -> None:
    """After a shutdown the job is the next in line, as if it had not been begun."""
    job = both.submit(max_attempts=1)
    both.worker.release(claimed(both))
    both.worker.vanished(claimed(both, "b").worker, counts=False)
    assert claimed(both, "c").job.attempt == 1
    assert both.told(job) == ["queued", "started", "queued", "started", "queued", "started"]


def test_the_job_of_a_dead_worker_is_free_at_once(both: Both) -> None:
    """Who saw a worker die says so; jobs of other workers are left alone."""
    job, other = both.submit(max_attempts=2), both.submit()
    claimed(both, "dead"), claimed(both, "alive")
    both.worker.vanished("dead")
    again = claimed(both, "c")
    assert (again.job.id, again.job.attempt) == (job.id, 2)
    assert both.queue.get(other.id).worker == "alive"
    both.worker.vanished("c")
    assert both.queue.get(job.id).status == "failed"


def test_a_failed_job_can_be_tried_again_from_where_it_was(both: Both) -> None:
    """Somebody who mended the cause gets all attempts anew, and no finished part is redone."""
    job = both.submit(max_attempts=1)
    lease = claimed(both)
    both.worker.checkpoints(lease).save("speech", b"found")
    both.worker.fail(lease, FAILURE, retry=True)
    assert both.queue.get(job.id).status == "failed"
    again = both.queue.retry(job.id)
    assert (again.status, again.attempt, again.error, again.finished_at) == (
        "queued",
        0,
        None,
        None,
    )
    assert both.worker.checkpoints(claimed(both)).load("speech") == b"found"


def test_trying_again_changes_nothing_where_nothing_failed(both: Both) -> None:
    """A job that waits, runs or is done stays as it is."""
    job = both.submit()
    assert both.queue.retry(job.id) == job
    lease = claimed(both)
    assert both.queue.retry(job.id) == lease.job
    both.worker.complete(lease, {})
    assert both.queue.retry(job.id).status == "done"


def test_a_checkpoint_is_the_last_one_saved_under_its_name(both: Both) -> None:
    """Saving twice keeps the later data."""
    both.submit()
    kept = both.worker.checkpoints(claimed(both))
    kept.save("speech", b"1")
    kept.save("speech", b"2")
    assert kept.load("speech") == b"2"


def test_many_workers_never_share_a_job(engine: Engine) -> None:
    """Eight threads that claim at once get each job exactly once."""
    queue, worker = EmbeddedQueue(engine, None), EmbeddedWorker(engine)
    wanted = {queue.submit(NewJob(kind="diarize", recording_id=RECORDING)).id for _ in range(24)}

    def all_one_gets(name: str) -> list[str]:
        got = []
        while (lease := worker.claim(name, lease_s=60.0)) is not None:
            got.append(lease.job.id)
            worker.complete(lease, {})
        return got

    with ThreadPoolExecutor(8) as pool:
        got = [id for ids in pool.map(all_one_gets, "abcdefgh") for id in ids]
    assert sorted(got) == sorted(wanted)


def test_events_of_several_threads_have_no_gaps(engine: Engine) -> None:
    """Numbers count up by one, whoever tells at the same time."""
    queue, worker = EmbeddedQueue(engine), EmbeddedWorker(engine)
    job = queue.submit(NewJob(kind="diarize", recording_id=RECORDING))
    lease = worker.claim("a", lease_s=60.0)
    assert lease is not None
    start = threading.Barrier(4)

    def tell(_: int) -> None:
        start.wait()
        for n in range(5):
            worker.tell(lease, "words", {"n": n})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    assert [event.seq for event in queue.events(job.id)] == list(range(1, 23))


def test_jobs_are_counted_by_status(both: Both) -> None:
    """For those who watch a server; a status without jobs is left out."""
    both.submit()
    both.queue.cancel(both.submit().id)
    assert both.queue.counts() == {"queued": 1, "cancelled": 1}


def test_an_installation_is_forgotten_after_a_while(both: Both) -> None:
    """It belongs to no recording with which it would go; one that is not over stays."""
    new = NewJob(kind="install", options={"model": "tiny"})
    ended, waits = both.queue.submit(new), both.queue.submit(new)
    both.queue.cancel(ended.id)
    of_recording = both.submit()
    both.queue.cancel(of_recording.id)
    assert both.queue.forget_older_than(500) == 0
    both.clock.pass_by(1000)
    assert both.queue.forget_older_than(500) == 1
    assert {job.id for job in both.queue.list()} == {waits.id, of_recording.id}
    with pytest.raises(JobNotFoundError):
        both.queue.events(ended.id)
