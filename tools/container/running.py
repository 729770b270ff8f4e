"""A container as compose describes it, in namespaces, with no network but its own loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.container.dockerfile import seconds
from tools.container.image import Image
from tools.container.namespaces import Room, as_user


@dataclass(frozen=True, slots=True)
class Service:
    """What a service of compose says that changes a container; `mem_limit` is not held here."""

    environ: Mapping[str, str]
    volumes: Mapping[str, str]
    """Their names, and where they appear."""
    memory: tuple[str, ...]
    read_only: bool
    stripped: bool
    stop_grace_s: float

    @classmethod
    def read(cls, described: Mapping[str, Any], environ: Mapping[str, str]) -> Service:
        """From a `services` entry; `environ` answers its variables."""
        return cls(
            environ={
                name: _asked(value, environ) for name, value in described["environment"].items()
            },
            volumes=dict(each.split(":", 1) for each in described["volumes"]),
            memory=tuple(described.get("tmpfs", ())),
            read_only=described.get("read_only", False),
            stripped=described.get("cap_drop") == ["ALL"]
            and "no-new-privileges:true" in described.get("security_opt", ()),
            stop_grace_s=seconds(described["stop_grace_period"]),
        )


def _asked(value: str, environ: Mapping[str, str]) -> str:
    """`${NAME:-default}` and `${NAME:?message}` of compose; the latter may be a KeyError."""
    if not value.startswith("${"):
        return value
    name, _, rest = value[2:-1].partition(":")
    return environ.get(name, rest[1:]) if rest.startswith("-") else environ[name]


@dataclass(frozen=True, slots=True)
class Container:
    """A running command, and whom to ask about it."""

    process: subprocess.Popen[str]
    image: Image
    service: Service

    def wait_until_inside(self) -> None:
        """Process 1 has the image's root; before that, a command would see the machine's."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(IndexError, FileNotFoundError, ProcessLookupError):  # not yet born
                if Path(f"/proc/{self.inner}/root").readlink() == self.image.root:
                    return
            time.sleep(0.02)
        raise ChildProcessError(f"no container in {self.image.root}")

    @property
    def inner(self) -> int:
        """The number by which this machine knows the container's process 1."""
        return _only_child(self.process.pid)

    def run(
        self, command: Sequence[str], *, user: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What `docker exec` would give; as the image's user unless another is named."""
        where = ["--mount", "--net", "--pid", "--root"]
        config = self.image.config
        inner = as_user(
            user or config.user, config.folder, {**config.environ, **self.service.environ}, command,
            stripped=self.service.stripped,
        )  # fmt: skip
        return self._enter([*where, "--", *inner])

    def from_outside(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """What a program of this machine says when it sees the container's network."""
        return self._enter(["--net", "--", *command])

    def _enter(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["nsenter", f"--target={self.inner}", *command],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def stop(self) -> int:
        """The status after SIGTERM, as `docker stop` sends it; TimeoutExpired after the grace."""
        os.kill(self.inner, signal.SIGTERM)
        return self.process.wait(self.service.stop_grace_s)


@contextmanager
def started(image: Image, service: Service, volumes: Path, log: Path) -> Iterator[Container]:
    """The image's command; its named volumes are folders in `volumes`."""
    config = image.config
    binds = {_volume(image, volumes / name, path): path for name, path in service.volumes.items()}
    room = Room(image.root, binds, service.memory, read_only=service.read_only, alone=True)
    command = as_user(
        config.user, config.folder, {**config.environ, **service.environ}, config.command,
        stripped=service.stripped,
    )  # fmt: skip
    with log.open("w") as written:
        process = subprocess.Popen(
            room.command(command), stdout=written, stderr=subprocess.STDOUT, text=True
        )
        try:
            container = Container(process, image, service)
            container.wait_until_inside()
            yield container
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """By its process 1, whose parent then reaps it and ends.

    The other way round it would live on: the kernel ends it with its parent no more, as it changed
    its user.
    """
    try:
        os.kill(_only_child(process.pid), signal.SIGKILL)
    except (IndexError, FileNotFoundError, ProcessLookupError):  # not born, or ended already
        process.kill()
    process.wait()


def _only_child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _volume(image: Image, folder: Path, path: str) -> Path:
    """A volume, with what the image has at its place if it is new."""
    if not folder.exists():
        subprocess.run(["cp", "--archive", image.root / path.lstrip("/"), folder], check=True)
    return folder
