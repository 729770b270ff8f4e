"""What does the server take: many large uploads at once, and is it still there while jobs run?

    python -m benchmarks.server ASSETS [--uploads 100] [--megabytes 100] [--seconds 15]

A real `stenograf serve` with one worker. First `/health` is asked by wrk, alone and while jobs
diarize; then uploads of random bytes come all at once, each answered or refused with Retry-After.
Needs wrk, and disk for three times the uploads.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil

from benchmarks._serving import started

TOKEN = "a-token-for-benchmarks"  # noqa: S105
CLIENTS = (1, 8)  # each asks as fast as it is answered
HEADERS = {"authorization": f"Bearer {TOKEN}"}


def start(home: Path, assets: Path) -> tuple[subprocess.Popen[str], str]:
    """The server and its address."""
    shutil.copytree(assets / "models/ge2e", home / "models/ge2e")
    settings = {
        "STENOGRAF_MODELS_DIR": str(home / "models"),
        "STENOGRAF_DATA_DIR": str(home / "library"),
        "STENOGRAF_TOKEN": TOKEN,
        "TMPDIR": str(home),
    }
    began = time.perf_counter()
    process, url = started(settings)
    print(f"listening after {time.perf_counter() - began:.1f} s")
    return process, url


def health(url: str, seconds: int, *, n_clients: int) -> str:
    """Requests per second and the 50th and 99th percentile, as wrk sees them."""
    command = ["wrk", "-t1", f"-c{n_clients}", f"-d{seconds}s", "--latency", f"{url}/health"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+(\S+)", told)
    shares = dict(re.findall(r"(50|99)%\s+(\S+)", told))
    assert rate is not None
    return f"{float(rate[1]):.0f} | {shares['50']} | {shares['99']}"


def keep_busy(url: str, assets: Path, stop: threading.Event) -> None:
    """Jobs one after another, each over a recording of the assets."""
    sound = next((assets / "audio/diarization/ami").glob("*.wav"))
    with httpx.Client(base_url=url, headers=HEADERS, timeout=300) as client:
        while not stop.is_set():
            with sound.open("rb") as file:
                client.post("/diarize", files={"file": file}).raise_for_status()


async def upload_all(url: str, n_uploads: int, n_bytes: int) -> collections.Counter[int]:
    """How many were answered with which status; a refused one must say when to come again."""
    block = os.urandom(1 << 16)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'

    async def body() -> AsyncIterator[bytes]:
        yield head
        for _ in range(n_bytes // len(block)):
            yield block
        yield b"\r\n--x--\r\n"

    limits = httpx.Limits(max_connections=n_uploads)
    async with httpx.AsyncClient(base_url=url, timeout=600, limits=limits) as client:

        async def one() -> int:
            kind = {"content-type": "multipart/form-data; boundary=x"}
            answer = await client.post("/api/v1/recordings", content=body(), headers=HEADERS | kind)
            assert answer.status_code == 201 or "retry-after" in answer.headers
            return answer.status_code

        statuses = await asyncio.gather(*(one() for _ in range(n_uploads)), return_exceptions=True)
    return collections.Counter(each if isinstance(each, int) else -1 for each in statuses)


def peak_of(process: psutil.Process, stop: threading.Event, found: list[float]) -> None:
    """The largest resident memory of the server's own process, in MB."""
    while not stop.wait(0.05):
        found[0] = max(found[0], process.memory_info().rss / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--uploads", type=int, default=100)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, url = start(Path(folder), args.assets)
        try:
            measure(args, server, url)
        finally:
            server.terminate()
            server.wait(30)


def measure(args: argparse.Namespace, server: subprocess.Popen[str], url: str) -> None:
    print("\n| /health | clients | requests/s | 50 % | 99 % |\n|---|---|---|---|---|")
    for n_clients in CLIENTS:
        told = health(url, args.seconds, n_clients=n_clients)
        print(f"| nothing else runs | {n_clients} | {told} |", flush=True)
    stop = threading.Event()
    busy = threading.Thread(target=keep_busy, args=(url, args.assets, stop))
    busy.start()
    time.sleep(2)
    for n_clients in CLIENTS:
        told = health(url, args.seconds, n_clients=n_clients)
        print(f"| jobs diarize | {n_clients} | {told} |", flush=True)
    stop.set()
    busy.join()
    process, found = psutil.Process(server.pid), [0.0]
    before, ended = process.memory_info().rss / 1e6, threading.Event()
    watch = threading.Thread(target=peak_of, args=(process, ended, found))
    watch.start()
    started = time.perf_counter()
    statuses = asyncio.run(upload_all(url, args.uploads, args.megabytes * 1_000_000))
    seconds = time.perf_counter() - started
    ended.set()
    watch.join()
    print("\n| uploads at once | MB each | s | answers | memory before | peak |")
    print("|---|---|---|---|---|---|")
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    print(
        f"| {args.uploads} | {args.megabytes} | {seconds:.0f} | {told} "
        f"| {before:.0f} MB | {found[0]:.0f} MB |"
    )


if __name__ == "__main__":
    main()
