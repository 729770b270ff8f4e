"""Who speaks when, asked of a running service, with nothing but Python's standard library.

python diarize_over_http.py call.mp3
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

PART_BYTES = 1 << 20
TRIES = 3
PAUSE_S = 5.0
"""Before the next try, where a busy service does not say."""


class ServiceError(Exception):
    """The service said no; `status` is that of HTTP."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def diarize(recording: Path, *, url: str, token: str, timeout_s: float = 300) -> dict[str, Any]:
    """The answer of `POST /diarize`; a busy service (429) is asked again when it says."""
    for tries_left in reversed(range(TRIES)):
        try:
            with urlopen(_request(recording, url=url, token=token), timeout=timeout_s) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except HTTPError as error:
            if error.code != 429 or tries_left == 0:
                raise ServiceError(_reason(error), error.code) from error
            asked = error.headers.get("Retry-After", "")
            time.sleep(float(asked) if asked.isdigit() else PAUSE_S)
    raise AssertionError


def _request(recording: Path, *, url: str, token: str) -> Request:
    """The recording goes from disk to the network in parts; its length is told before."""
    boundary = uuid.uuid4().hex
    name = quote(recording.name, safe=" ")
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + recording.stat().st_size + len(tail)),
    }
    body = _body(head, recording, tail)
    return Request(f"{url.rstrip('/')}/diarize", data=body, headers=headers, method="POST")


def _body(head: bytes, recording: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with recording.open("rb") as file:
        while part := file.read(PART_BYTES):
            yield part
    yield tail


def _reason(error: HTTPError) -> str:
    """The service's own sentence, or the status where something else answers."""
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"The service answered {error.code}."


def main() -> int:
    """One line for each turn."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python diarize_over_http.py FILE\n")
        return 2
    url = os.environ.get("DIARIZATION_SERVICE_URL", "http://localhost:5000")
    token = os.environ.get("DIARIZATION_SERVICE_TOKEN", "")
    try:
        found = diarize(Path(sys.argv[1]), url=url, token=token)
    except (ServiceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for turn in found["speakers"]:
        sys.stdout.write(f"{turn['start']:.2f} {turn['end']:.2f} {turn['speaker']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
