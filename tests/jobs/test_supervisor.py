"""Worker processes that are killed, deaf, deadly or orphaned."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from sqlalchemy import select
from sqlalchemy.sql.functions import count

from stenograf import workers
from stenograf.export import read_json
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Job, NewJob
from stenograf.jobs.leases import Backoff
from stenograf.jobs.supervisor import Supervisor
from stenograf.library import Library, open_library
from stenograf.library.tables import checkpoints
from stenograf.settings import Settings
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.sound import read_speech
from stenograf.testing.whisper import write_random_whisper

pytestmark = pytest.mark.e2e

N_BLOCKS = 8
N_KILLS = 15


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as library:
        yield library


@pytest.fixture
def recording_id(library: Library, tmp_path: Path) -> str:
    """Twelve seconds of noise with pauses: eight blocks."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 16_000).astype(np.float32)
    pause = np.zeros(8_000, dtype=np.float32)
    sound = np.concatenate([part for _ in range(N_BLOCKS) for part in (noise, pause)])
    return kept(
        library, write_media(tmp_path / "call.wav", sound, MediaFormat("wav", "wav", "pcm_s16le"))
    )


def kept(library: Library, path: Path) -> str:
    with library.receive(name="call.wav", content_type="audio/wav") as reception:
        reception.write(path.read_bytes())
        return reception.keep().id


@pytest.fixture
def queue(library: Library) -> EmbeddedQueue:
    return EmbeddedQueue(library.engine, max_waiting=None)


def supervisor(library: Library, folder: Path, work: str, n_workers: int = 1) -> Supervisor:
    """Processes with fake engines."""
    command = [sys.executable, "-m", "stenograf.testing.worker", str(folder / "library"), work]
    source = str(Path(__file__).parents[2] / "src")
    environ = {**os.environ, "PYTHONPATH": source}
    worker = EmbeddedWorker(library.engine, Backoff(first_s=0.0))
    return Supervisor(command, EmbeddedQueue(library.engine), worker, n_workers, environ)


def wait_until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    """Returns when it holds, which must be soon."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def running(queue: EmbeddedQueue, job: Job) -> Callable[[], bool]:
    return lambda: queue.get(job.id).status == "running"


def test_no_kill_loses_or_repeats_a_job(
    library: Library, queue: EmbeddedQueue, recording_id: str, tmp_path: Path
) -> None:
    """Workers are killed at random moments: every job is recorded once, with the same words, and
    of each killed attempt at most one block is recognized again."""
    wanted = NewJob(kind="transcribe", recording_id=recording_id, max_attempts=20)
    chance = random.Random(1)
    jobs = [queue.submit(wanted)]
    n_kills = 0
    with supervisor(library, tmp_path, "transcribing", 2) as watched:
        while n_kills < N_KILLS or not all(queue.get(job.id).is_final for job in jobs):
            if n_kills < N_KILLS:
                while len([job for job in jobs if not queue.get(job.id).is_final]) < 3:
                    jobs.append(queue.submit(wanted))
                time.sleep(chance.uniform(0.0, 0.6))
                if queue.list(status="running") and watched.pids:
                    os.kill(chance.choice(watched.pids), signal.SIGKILL)
                    n_kills += 1
            time.sleep(0.05)
    assert [queue.get(job.id).status for job in jobs] == ["done"] * len(jobs)
    history = library.history(recording_id)
    assert sorted(str(each.job_id) for each in history) == sorted(job.id for job in jobs)
    said = {
        read_json(library.transcript(recording_id, each.version).document).text for each in history
    }
    assert len(said) == 1
    begun = Counter((tmp_path / "library/blocks.log").read_text().splitlines())
    assert len(begun) == N_BLOCKS * len(jobs)
    assert begun.total() - len(begun) <= n_kills


def test_a_killed_attempt_costs_a_real_engine_one_block(
    library: Library, queue: EmbeddedQueue, tmp_path: Path
) -> None:
    """Whisper in a child of the worker, killed whenever it is in a block and the others are kept.

    In the moment between the end of a block and its record a kill costs that one, too.
    """
    write_random_whisper(tmp_path / "library/whisper")
    recording = kept(library, long_blocks(tmp_path))
    options = {"language": "en", "guards": ["none"], "diarize": False}
    wanted = NewJob(kind="transcribe", recording_id=recording, options=options, max_attempts=20)
    log, job, n_kills = tmp_path / "library/blocks.log", queue.submit(wanted), 0
    with supervisor(library, tmp_path, "whisper") as watched:
        for n_begun in (3, 5, 7):
            wait_until(partial(is_in_block, library, log, n_begun))
            os.kill(watched.pids[0], signal.SIGKILL)
            n_kills += 1
        wait_until(lambda: queue.get(job.id).is_final)
    assert queue.get(job.id).status == "done"
    begun = Counter(lines(log))
    assert len(begun) == N_BLOCKS
    assert 0 < begun.total() - len(begun) <= n_kills


def is_in_block(library: Library, log: Path, number: int) -> bool:
    """Whether so many blocks are begun and all but the last of them are kept."""
    parts = select(count()).where(checkpoints.c.name.contains("/words-"))
    with library.engine.connect() as connection:
        n_kept = connection.scalar(parts) or 0
    return log.exists() and len(set(lines(log))) >= number and n_kept >= number - 1


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines()


def long_blocks(folder: Path) -> Path:
    """Eight times 20 s of other noise: no two of them fit into one block."""
    chance = np.random.default_rng(0)
    pause = np.zeros(16_000, dtype=np.float32)
    noises = [chance.uniform(-0.5, 0.5, 320_000).astype(np.float32) for _ in range(N_BLOCKS)]
    sound = np.concatenate([part for noise in noises for part in (noise, pause)])
    return write_media(folder / "long.wav", sound, MediaFormat("wav", "wav", "pcm_s16le"))


def test_a_deadly_job_fails_and_the_next_is_done(
    library: Library, queue: EmbeddedQueue, recording_id: str, tmp_path: Path
) -> None:
    """Processes come again after each death, more slowly, and the job ends with a plain reason."""
    job = queue.submit(NewJob(kind="transcribe", recording_id=recording_id))
    with supervisor(library, tmp_path, "deadly") as watched:
        wait_until(lambda: queue.get(job.id).is_final)
        failed = queue.get(job.id)
        wait_until(lambda: watched.n_alive == 1)
    assert (failed.status, failed.attempt) == ("failed", 3)
    assert failed.error is not None
    assert failed.error["code"] == "job.worker_lost"


def test_a_cancelled_job_that_does_not_stop_is_ended(
    library: Library, queue: EmbeddedQueue, recording_id: str, tmp_path: Path
) -> None:
    """Its process and memory are gone, though it had work for ten minutes; another one waits."""
    job = queue.submit(NewJob(kind="transcribe", recording_id=recording_id))
    with supervisor(library, tmp_path, "deaf") as watched:
        wait_until(running(queue, job))
        (pid,) = watched.pids
        wait_until(lambda: psutil.Process(pid).memory_info().rss > 200_000_000)
        queue.cancel(job.id)
        wait_until(lambda: queue.get(job.id).status == "cancelled")
        wait_until(lambda: not psutil.pid_exists(pid))
        wait_until(lambda: watched.n_alive == 1)


def test_stopping_gives_jobs_back(
    library: Library, queue: EmbeddedQueue, recording_id: str, tmp_path: Path
) -> None:
    """A job in hand waits again with its finished parts, and no attempt is counted."""
    job = queue.submit(NewJob(kind="transcribe", recording_id=recording_id))
    with supervisor(library, tmp_path, "transcribing") as watched:
        wait_until(running(queue, job))
        pids = watched.pids
    back = queue.get(job.id)
    assert (back.status, back.attempt) == ("queued", 0)
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_workers_die_with_their_supervisor(
    library: Library, queue: EmbeddedQueue, recording_id: str, tmp_path: Path
) -> None:
    """After kill -9 of the process that watches them nothing goes on in the dark."""
    job = queue.submit(NewJob(kind="transcribe", recording_id=recording_id))
    script = f"""
import sys, time
from pathlib import Path
from stenograf.library import open_library
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.jobs.test_supervisor import supervisor
folder = Path({str(tmp_path)!r})
with open_library(folder / "library") as library:
    with supervisor(library, folder, "deaf"):
        time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    wait_until(running(queue, job))
    children = psutil.Process(parent.pid).children()
    assert len(children) == 1
    parent.kill()
    parent.wait()
    wait_until(lambda: not lives(children[0]), 10.0)


def test_a_real_engine_goes_on_after_a_kill(
    library: Library, queue: EmbeddedQueue, assets: Path, tmp_path: Path
) -> None:
    """The document of a job whose worker was killed is that of one that ran through, the first
    block is not heard again, and no engine lives on without its worker."""
    clip = read_speech(assets / "audio/asr/jfk.flac")
    path = tmp_path / "kennedy.wav"
    soundfile.write(path, np.concatenate([clip, clip]), 16_000)
    with library.receive(name="kennedy.wav", content_type="audio/wav") as reception:
        reception.write(path.read_bytes())
        recording_id = reception.keep().id
    options = {"engine": "pocketsphinx", "language": "en", "diarizer": "channels"}
    wanted = NewJob(kind="transcribe", recording_id=recording_id, options=options)
    settings = Settings(data_dir=tmp_path / "library")
    with workers.supervisor(library, settings, n_workers=1) as watched:
        killed = queue.submit(wanted)
        wait_until(lambda: (queue.get(killed.id).fraction or 0.0) > 0.3 and heard(queue, killed))
        worker = psutil.Process(watched.pids[0])
        engines = worker.children(recursive=True)
        worker.kill()
        wait_until(lambda: not any(lives(engine) for engine in engines), 5.0)
        calm = queue.submit(wanted)
        wait_until(lambda: queue.get(calm.id).is_final, 240.0)
    first, second = (
        read_json(library.transcript(recording_id, version).document) for version in (1, 2)
    )
    assert engines
    assert first.words == second.words
    told = queue.events(killed.id)
    assert [event.kind for event in told].count("started") == 2
    again = max(event.seq for event in told if event.kind == "started")
    begun = [
        event.data["fraction"]
        for event in told
        if event.seq > again and event.data.get("stage") == "recognize"
    ]
    assert min(begun) > 0.3


def heard(queue: EmbeddedQueue, job: Job) -> bool:
    """Whether words of the job were told already."""
    return any(event.kind == "words" for event in queue.events(job.id))


def lives(process: psutil.Process) -> bool:
    """Whether it is there and no zombie that waits for init."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
