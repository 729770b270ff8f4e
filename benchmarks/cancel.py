"""How soon does a cancelled job give its cores and its memory back?

    python -m benchmarks.cancel ASSETS [--size small] [--rounds 3]

A real `stenograf serve` with one worker; Whisper of full size with random weights, and GE2E of the
assets. Each job is cancelled over HTTP while its engine computes. Cores count as free after the
first tenth of a second in which server, worker and engines use less than a fifth of one core;
memory is the resident set of all of them, pages that they share counted once for each.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks._serving import started
from benchmarks.whole import write_recording
from stenograf.client import Client
from stenograf.testing.whisper import write_random_whisper

TOKEN: Final = "a-token-for-benchmarks"  # noqa: S105
LOOK_S: Final = 0.1
IDLE_SHARE: Final = 0.2
LONGEST_S: Final = 60.0
KINDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "recognize": ("transcribe", {"engine": "faster-whisper", "diarize": False}),
    "diarize": ("diarize", {"diarizer": "basic"}),
}


class Family:
    """A process and everything that it has started."""

    def __init__(self, pid: int) -> None:
        self._head = psutil.Process(pid)

    def memory_mb(self) -> float:
        """What all that live have resident."""
        rss = 0
        for each in self._all():
            with suppress(psutil.NoSuchProcess):
                rss += each.memory_info().rss
        return rss / 1e6

    def is_idle(self) -> bool:
        """Whether hardly anything is computed while one looks."""
        before = self._cpu_s()
        time.sleep(LOOK_S)
        after = self._cpu_s()
        spent = sum(after[pid] - before.get(pid, 0.0) for pid in after)
        return spent < IDLE_SHARE * LOOK_S

    def _all(self) -> list[psutil.Process]:
        return [self._head, *self._head.children(recursive=True)]

    def _cpu_s(self) -> dict[int, float]:
        seconds = {}
        for each in self._all():
            with suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                seconds[each.pid] = times.user + times.system
        return seconds


def main() -> None:
    """Print a row for each cancelled job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--size", default="small")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=20.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_random_whisper(
            home / f"models/faster-whisper-{asked.size}", size=asked.size, quantization="int8"
        )
        shutil.copytree(asked.assets / "models/ge2e", home / "models/ge2e")
        write_recording(home / "long.wav", asked.minutes, asked.assets)
        settings = {
            "STENOGRAF_DATA_DIR": str(home / "library"),
            "STENOGRAF_MODELS_DIR": str(home / "models"),
            "STENOGRAF_TOKEN": TOKEN,
        }
        process, url = started(settings, "--workers", "1")
        try:
            with Client(url, key=TOKEN) as client:
                measure(client, Family(process.pid), client.upload(home / "long.wav"), asked)
        finally:
            process.terminate()
            process.wait(30)


def measure(client: Client, family: Family, recording: str, asked: argparse.Namespace) -> None:
    print("| stage | job cancelled, s | cores free, s | MB before | MB while | MB after 2 s |")
    print("|---|---|---|---|---|---|")
    for stage in KINDS:
        for _ in range(asked.rounds):
            print(row(client, family, recording, stage, asked.size), flush=True)


def row(client: Client, family: Family, recording: str, stage: str, size: str) -> str:
    before_mb = family.memory_mb()
    kind, options = KINDS[stage]
    model = {"model": size} if kind == "transcribe" else {}
    options = {"language": "en", "guards": ["none"], **options, **model}
    body = {"recording_id": recording, "kind": kind, "options": options}
    job = str(client._ask("POST", "/jobs", json=body)["id"])
    wait_until(lambda: client.job(job).stage == stage)
    time.sleep(3.0)  # in the middle of it
    during_mb = family.memory_mb()
    began = time.monotonic()
    client.cancel(job)
    free_s = wait_until(family.is_idle, since=began)
    ended_s = wait_until(lambda: client.job(job).is_final, since=began)
    time.sleep(max(0.0, began + 2.0 - time.monotonic()))
    after_mb = family.memory_mb()
    assert client.job(job).status == "cancelled"
    return (
        f"| {stage} | at most {ended_s:.1f} | {free_s:.1f} "
        f"| {before_mb:.0f} | {during_mb:.0f} | {after_mb:.0f} |"
    )


def wait_until(holds: Callable[[], bool], *, since: float | None = None) -> float:
    """Seconds until it held."""
    since = time.monotonic() if since is None else since
    while not holds():
        if time.monotonic() - since > LONGEST_S:
            raise TimeoutError
        time.sleep(0.01)
    return time.monotonic() - since


if __name__ == "__main__":
    main()
