"""What kill -9 costs a whole server: it, its workers and their engines die at random moments.

    python -m benchmarks.server_kills ASSETS [--kills 100] [--jobs 4]

A real `stenograf serve` with two workers and PocketSphinx in processes of its own; a killed server
is started again. At least so many jobs wait or run at any time. A job that failed because it was
killed three times without any headway is repeated, as its error advises, and counted.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from benchmarks._serving import started
from stenograf.client import Client
from stenograf.core.errors import RequestError, StenografError

TOKEN = "a-token-for-benchmarks"  # noqa: S105
VICTIMS = {"server": "stenograf serve", "worker": "worker --supervised", "engine": "isolation"}
OPTIONS = {"engine": "pocketsphinx", "language": "en", "diarize": False, "guards": ["none"]}


class Town:
    """A server that comes back whenever it was killed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.begin()

    def begin(self) -> None:
        """Start it, and wait until it says where it listens."""
        settings = {"STENOGRAF_DATA_DIR": str(self.home / "library"), "STENOGRAF_TOKEN": TOKEN}
        self.process, url = started(settings, "--workers", "2")
        self.client = Client(url, key=TOKEN, timeout_s=30)

    def kill(self, kind: str) -> bool:
        """Kill one of a kind; False where there is none now."""
        try:
            family = [psutil.Process(self.process.pid)]
            family += family[0].children(recursive=True)
            found = [each for each in family if _is(each, kind)]
            if not found:
                return False
            random.choice(found).kill()
        except psutil.NoSuchProcess:
            return False
        if kind == "server":
            self.process.wait()
            self.begin()
        return True


def _is(process: psutil.Process, kind: str) -> bool:
    told = " ".join(process.cmdline())
    if kind == "server":
        return "stenograf serve" in told
    return VICTIMS[kind] in told and "stenograf serve" not in told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=4)
    args = parser.parse_args()
    random.seed(0)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        try:
            run(town, args)
        finally:
            town.process.send_signal(signal.SIGTERM)
            town.process.wait(30)
    print(f"| seconds | {time.monotonic() - started:.0f} |")


def run(town: Town, args: argparse.Namespace) -> None:
    sound = args.assets / "audio/asr/jfk.flac"
    recordings: dict[str, str] = {}  # recording by job
    killed: Counter[str] = Counter()
    repeated = 0
    while killed.total() < args.kills:
        repeated += retried(town, recordings)
        while unfinished(town, recordings) < args.jobs:
            submitted(town, sound, recordings)
        time.sleep(random.uniform(0.2, 4.0))
        kind = random.choice(list(VICTIMS))
        killed[kind] += town.kill(kind)
    while unfinished(town, recordings):
        repeated += retried(town, recordings)
        time.sleep(0.5)
    status = Counter(town.client.job(job).status for job in recordings)
    texts = Counter(town.client.transcript(each).text for each in recordings.values())
    newest = Counter(
        town.client._repeated("GET", f"/recordings/{each}/history").json()[0]["version"]
        for each in recordings.values()
    )
    print("| | |\n|---|---|")
    print(f"| kills | {dict(killed)} |")
    print(f"| jobs accepted | {len(recordings)} |")
    print(f"| jobs by status | {dict(status)} |")
    print(f"| transcripts of each | {dict(newest)} |")
    print(f"| different texts | {len(texts)} |")
    print(f"| failed after three kills without headway, then repeated | {repeated} |")


def submitted(town: Town, sound: Path, recordings: dict[str, str]) -> None:
    job = town.client.submit(sound, **OPTIONS)  # type: ignore[arg-type]
    recordings[job.id] = job.recording_id


def unfinished(town: Town, recordings: dict[str, str]) -> int:
    return sum(not town.client.job(job).is_final for job in recordings)


def retried(town: Town, recordings: dict[str, str]) -> int:
    """Failed jobs queued again; any failure but a killed worker's is a fault and stops all."""
    n_repeated = 0
    for id in recordings:
        job = town.client.job(id)
        if job.status == "failed":
            code = (job.error or {}).get("code")
            if code not in {"job.worker_lost", "engine.crashed"}:
                raise StenografError("A job failed with {code}.", code=code)
            town.client._ask("POST", f"/jobs/{id}/retry")
            n_repeated += 1
    return n_repeated


if __name__ == "__main__":
    try:
        main()
    except RequestError as error:
        sys.exit(f"{error.code}: {error}")
