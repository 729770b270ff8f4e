"""What kill -9 costs: workers are killed a hundred times at random moments under load.

    python -m benchmarks.job_kills [N] [--whisper SIZE] [--seed S]

The real queue, library, pipeline and supervisor, and fake engines or a Whisper with random weights
in a process of its own; two workers, at least three jobs waiting or running. Prints jobs,
transcripts, blocks of speech, and blocks that were begun again.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from stenograf.core.waveform import SAMPLE_RATE_HZ
from stenograf.export import read_json
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Job, NewJob
from stenograf.jobs.leases import Backoff
from stenograf.jobs.supervisor import Supervisor
from stenograf.library import Library, open_library
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.whisper import SHAPES, write_random_whisper

N_BLOCKS = 8


def main(n_kills: int, whisper: str | None, seed: int) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, open_library(Path(folder)) as library:
        if whisper:
            write_random_whisper(Path(folder) / "whisper", size=SHAPES[whisper])
        block_s, pause_s = (20.0, 1.0) if whisper else (1.0, 0.5)
        recording_id = recorded(library, Path(folder), block_s, pause_s)
        jobs = killed(
            library,
            Path(folder),
            recording_id,
            n_kills,
            whisper=whisper,
            chance=random.Random(seed),
        )
        queue = EmbeddedQueue(library.engine)
        status = Counter(queue.get(job.id).status for job in jobs)
        history = library.history(recording_id)
        texts = {
            read_json(library.transcript(recording_id, each.version).document).text
            for each in history
        }
        n_begun = len((Path(folder) / "blocks.log").read_text().splitlines())
    print(f"| kills | {n_kills} |")
    print(f"| jobs accepted | {len(jobs)} |")
    print(f"| jobs done, by status | {dict(status)} |")
    print(f"| transcripts recorded | {len(history)} |")
    print(f"| different texts | {len(texts)} |")
    print(f"| blocks of speech | {N_BLOCKS * len(jobs)} |")
    print(f"| blocks begun again | {n_begun - N_BLOCKS * len(jobs)} |")
    print(f"| seconds | {time.monotonic() - started:.0f} |")


def recorded(library: Library, folder: Path, block_s: float, pause_s: float) -> str:
    chance = np.random.default_rng(0)
    noise = chance.uniform(-0.5, 0.5, round(block_s * SAMPLE_RATE_HZ)).astype(np.float32)
    pause = np.zeros(round(pause_s * SAMPLE_RATE_HZ), dtype=np.float32)
    sound = np.concatenate([part for _ in range(N_BLOCKS) for part in (noise, pause)])
    path = write_media(folder / "call.wav", sound, MediaFormat("wav", "wav", "pcm_s16le"))
    with library.receive(name="call.wav", content_type="audio/wav") as reception:
        reception.write(path.read_bytes())
        return reception.keep().id


def killed(
    library: Library,
    folder: Path,
    recording_id: str,
    n_kills: int,
    *,
    whisper: str | None,
    chance: random.Random,
) -> list[Job]:
    queue = EmbeddedQueue(library.engine, max_waiting=None)
    worker = EmbeddedWorker(library.engine, Backoff(first_s=0.0))
    command = [sys.executable, "-m", "stenograf.testing.worker", str(folder)]
    command += ["whisper" if whisper else "transcribing"]
    options = {"language": "en", "guards": ["none"], "diarize": False} if whisper else {}
    wanted = NewJob(kind="transcribe", recording_id=recording_id, options=options, max_attempts=500)
    longest_s = 8.0 if whisper else 0.6
    jobs, n_killed = list[Job](), 0
    with Supervisor(command, queue, worker, 2) as watched:
        while n_killed < n_kills or not all(queue.get(job.id).is_final for job in jobs):
            if n_killed < n_kills:
                while sum(not queue.get(job.id).is_final for job in jobs) < 3:
                    jobs.append(queue.submit(wanted))
                time.sleep(chance.uniform(0.0, longest_s))
                if watched.pids and queue.list(status="running"):
                    os.kill(chance.choice(watched.pids), signal.SIGKILL)
                    n_killed += 1
            time.sleep(0.05)
    return jobs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_kills", nargs="?", type=int, default=100)
    parser.add_argument("--whisper", choices=SHAPES)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    main(asked.n_kills, asked.whisper, asked.seed)
