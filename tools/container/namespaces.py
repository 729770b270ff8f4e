"""Commands in a root of their own: mounts, processes and, for containers, their own network."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

NETWORK_FILES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/pip.conf",
    "/etc/ssl/certs/ca-certificates.crt",
)
"""How the machine reaches its mirrors; steps that build see them, containers do not."""

NETWORK_VARIABLES = ("PIP_", "SSL_CERT_", "REQUESTS_CA_", "http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True, slots=True)
class Room:
    """Where a command runs: its root, what is mounted below it, and what it may not do."""

    root: Path
    binds: Mapping[Path, str]
    """Files and folders of the machine, and where they appear."""
    memory: tuple[str, ...] = ()
    """Folders that are a tmpfs."""
    read_only: bool = False
    """Nothing but `binds` and `memory` can be written."""
    alone: bool = False
    """A network of its own with nobody else in it."""

    def command(self, inner: Iterable[str]) -> list[str]:
        """The command that makes the room, then becomes `inner` inside it, as process 1."""
        apart = ["--net", "--ipc", "--uts"] if self.alone else []
        script = "\n".join(["set -eu", *self._lines(), f'exec chroot {self._at("/")} "$@"'])
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *apart]
        return [*unshare, "sh", "-c", script, "sh", *inner]

    def _lines(self) -> Iterator[str]:
        root, dev = self._at("/"), self._at("/dev")
        yield f"mount --bind {root} {root}"
        yield f"mount -t proc proc {self._at('/proc')}"
        yield f"mount -t tmpfs -o mode=755 tmpfs {dev}"
        for name in DEVICES:
            yield f"touch {dev}/{name}; mount --bind /dev/{name} {dev}/{name}"
        yield f"ln -s /proc/self/fd {dev}/fd; mkdir -m 1777 {dev}/shm"
        for source, path in self.binds.items():
            if source.is_file():
                yield f"mkdir -p $(dirname {self._at(path)}); touch {self._at(path)}"
            yield f"mount --bind {shlex.quote(str(source))} {self._at(path)}"
        for path in self.memory:
            yield f"mount -t tmpfs -o mode=1777 tmpfs {self._at(path)}"
        if self.read_only:
            yield f"mount -o remount,bind,ro {root}"
        if self.alone:
            yield "ip link set lo up"

    def _at(self, path: str) -> str:
        return shlex.quote(str(self.root / path.lstrip("/")))


def as_user(
    user: str,
    folder: str,
    environ: Mapping[str, str],
    command: Iterable[str],
    *,
    stripped: bool = False,
) -> list[str]:
    """The command as a numbered user in a folder; `stripped` of capabilities for good."""
    uid, _, gid = user.partition(":")
    privileges = [f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups"]
    if stripped:
        privileges += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    variables = [f"{name}={value}" for name, value in environ.items()]
    return [
        "setpriv",
        *privileges,
        "env",
        "--ignore-environment",
        f"--chdir={folder}",
        *variables,
        *command,
    ]


def network_files() -> dict[Path, str]:
    """Those of the machine's files that say how to reach mirrors, at the same place in a room."""
    return {Path(path): path for path in NETWORK_FILES if Path(path).is_file()}


def network_variables() -> dict[str, str]:
    """Those of the machine's variables that say how to reach mirrors."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(NETWORK_VARIABLES) or name.lower() in NETWORK_VARIABLES
    }
