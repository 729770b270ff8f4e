"""Brings one file over HTTP: resumed where it stopped, never longer than asked for."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stenograf.core.errors import DownloadError, HashMismatchError

READ_TIMEOUT_S: Final = 20.0
ATTEMPTS: Final = 4
"""Attempts in a row that bring nothing before we give up; any byte starts the count again."""

_PAUSES_S: Final = (0.2, 1.0, 2.0)
_CHUNK_BYTES: Final = 1 << 18
_RETRIED_STATUS: Final = (408, 429, 500, 502, 503, 504)

OnBytes = Callable[[int], object]
"""Told the number of bytes that one file has by now."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to bring. `git_blob` is the hash git gives to small files that have no SHA-256."""

    name: str
    url: str
    size: int | None = None
    sha256: str | None = None
    git_blob: str | None = None

    @property
    def identity(self) -> str:
        """A name for the part: another file, or another content of this one, has another."""
        facts = f"{self.name}\n{self.sha256 or self.git_blob or self.url}"
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


def hub_client() -> Any:
    """The package `huggingface_hub` with its telemetry and its own retries of bars off."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub

    return huggingface_hub


def fetch(remote: RemoteFile, part: Path, *, headers: Mapping[str, str], on_bytes: OnBytes) -> str:
    """Complete the file at `part` and give its SHA-256.

    What `part` already holds is kept and only the rest is asked for. Raises HashMismatchError, and
    then the part is gone; DownloadError when the other side keeps failing; the hub client's own
    HfHubHTTPError when it refuses.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    attempts, have = ATTEMPTS, _size(part)
    while remote.size is None or have != remote.size:
        fault = _append(remote, part, headers, on_bytes)
        before, have = have, _size(part)
        if fault is None and (remote.size is None or have == remote.size):
            break
        attempts = ATTEMPTS if have > before else attempts - 1
        if attempts == 0:
            raise DownloadError(
                "{url} broke off after {n_bytes} of {size} bytes ({reason}).",
                url=remote.url, n_bytes=have, size=remote.size, reason=fault or "too short",
                hint="Run the same command again: it continues where this one stopped.",
            )  # fmt: skip
        time.sleep(_PAUSES_S[min(ATTEMPTS - attempts, len(_PAUSES_S) - 1)])
    return _verified(remote, part)


def _append(
    remote: RemoteFile, part: Path, headers: Mapping[str, str], on_bytes: OnBytes
) -> str | None:
    """One attempt; the reason if it ended early in a way that may pass."""
    client = hub_client()
    have = _size(part)
    asked = {**headers, "Accept-Encoding": "identity"}
    if have:
        asked["Range"] = f"bytes={have}-"
    try:
        with client.get_session().stream(
            "GET", remote.url, headers=asked, timeout=READ_TIMEOUT_S, follow_redirects=True
        ) as response:
            if response.status_code in _RETRIED_STATUS:
                return f"status {response.status_code}"
            if response.status_code == 416:  # the part is longer than the file: not its beginning
                part.unlink()
                return "the part did not fit"
            if response.status_code >= 400:
                response.read()
                client.utils.hf_raise_for_status(response)
            _write(response, part, have if response.status_code == 206 else 0, remote, on_bytes)
    except client.errors.HfHubHTTPError:
        raise
    except transport_fault() as fault:
        return str(fault) or type(fault).__name__
    return None


def transport_fault() -> type[Exception]:
    """The base of everything that the hub client's HTTP library raises."""
    errors = hub_client().errors
    library: type[Exception] = errors.HfHubHTTPError.__bases__[0]  # httpx, or its successor
    return library


def _write(response: Any, part: Path, start: int, remote: RemoteFile, on_bytes: OnBytes) -> None:
    with part.open("r+b" if part.exists() else "wb") as file:
        file.seek(start)
        file.truncate()
        on_bytes(start)
        for chunk in response.iter_bytes(_CHUNK_BYTES):
            if remote.size is not None and file.tell() + len(chunk) > remote.size:
                file.truncate(0)
                raise HashMismatchError(
                    "{name} is longer than the {size} bytes that were published.",
                    name=remote.name, size=remote.size,
                )  # fmt: skip
            file.write(chunk)
            on_bytes(file.tell())


def _verified(remote: RemoteFile, part: Path) -> str:
    """The SHA-256 of a complete part, which is removed if it is not what was published."""
    found, blob = file_hashes(part)
    wrong = remote.sha256 is not None and found != remote.sha256
    wrong = wrong or (remote.sha256 is None and remote.git_blob not in (None, blob))
    if wrong:
        part.unlink()
        raise HashMismatchError(
            "{name} arrived with the hash {found}, not {published}.",
            name=remote.name, found=found, published=remote.sha256 or remote.git_blob,
        )  # fmt: skip
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    return found


def file_hashes(path: Path) -> tuple[str, str]:
    """SHA-256 of a file, and the name git gives its content."""
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            sha256.update(chunk)
            blob.update(chunk)
    return sha256.hexdigest(), blob.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
