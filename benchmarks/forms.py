"""What broken forms do to a server: ten thousand of them, from seeds.

    python -m benchmarks.forms [--forms 10000]

A real `stenograf serve`; statuses, memory before and after, files left behind.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from benchmarks._serving import started
from stenograf.testing.forms import TYPE, broken_form

PATHS = ("/diarize", "/api/diarize", "/v1/audio/transcriptions", "/asr", "/api/v1/recordings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"STENOGRAF_DATA_DIR": folder, "STENOGRAF_TOKEN": "", "TMPDIR": folder}
        server, url = started(settings)
        try:
            measure(server, url, Path(folder), args.forms)
        finally:
            server.terminate()
            server.wait(30)


def measure(server: subprocess.Popen[str], url: str, folder: Path, n_forms: int) -> None:
    process = psutil.Process(server.pid)
    kept: list[str] = []

    def send(seed: int) -> int:
        answer = http.post(
            PATHS[seed % len(PATHS)], content=broken_form(seed), headers={"content-type": TYPE}
        )
        if answer.status_code == 201:
            kept.append(answer.json()["id"])
        return answer.status_code

    with httpx.Client(base_url=url, timeout=120) as http, ThreadPoolExecutor(8) as crowd:
        list(crowd.map(send, range(n_forms, n_forms + 200)))
        before, started = process.memory_info().rss / 1e6, time.perf_counter()
        statuses = Counter(crowd.map(send, range(n_forms)))
        seconds = time.perf_counter() - started
        after = process.memory_info().rss / 1e6
        for id in kept:
            http.delete(f"/api/v1/recordings/{id}").raise_for_status()
        left = [path for path in (folder / "blobs").rglob("*") if path.is_file()]
    print("| forms | seconds | answers | memory before | after | files left |\n|" + "---|" * 6)
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    print(
        f"| {n_forms} | {seconds:.0f} | {told} | {before:.0f} MB | {after:.0f} MB | {len(left)} |"
    )


if __name__ == "__main__":
    main()
