"""A model hub on this machine: real HTTP, the hub's own API, and the faults people meet.

    with FakeHub() as hub:
        hub.add("Systran/faster-whisper-tiny", {"config.json": b"{}", "model.bin": weights})
        monkeypatch.setenv("HF_ENDPOINT", hub.url)

Large files are redirected to a second server, as the real hub does with its delivery network.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

LARGE: Final = (".bin", ".onnx", ".npz", ".pt")
"""Names of files that go through the delivery network and carry a SHA-256."""

_CHUNK_BYTES: Final = 1 << 14
_INFO: Final = re.compile(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?")
_FILE: Final = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


class Request(NamedTuple):
    """One request as it arrived; `server` is "hub" or "cdn"."""

    server: str
    method: str
    path: str
    range: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """Who stands behind a token."""

    accepted: frozenset[str] = frozenset()
    awaiting: frozenset[str] = frozenset()
    may_read_gated: bool = True


@dataclass(frozen=True, slots=True)
class Repository:
    """Files of one repository at one commit."""

    name: str
    files: Mapping[str, bytes]
    gated: bool = False

    @property
    def commit(self) -> str:
        """Forty digits that change with the content."""
        content = b"".join(name.encode() + data for name, data in sorted(self.files.items()))
        return hashlib.sha1(content, usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Faults:
    """What goes wrong with the bytes of large files.

    `cut_after` bytes the connection breaks, `n_cuts` times; `pause_s` lies between chunks;
    `damaged` flips a byte; `busy` answers that many requests with status 503.
    """

    cut_after: int | None = None
    n_cuts: int = 1
    pause_s: float = 0.0
    damaged: bool = False
    busy: int = 0
    ignores_ranges: bool = False


@dataclass(slots=True)
class FakeHub:
    """Two servers, the hub and its delivery network, as a context manager."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    requests: list[Request] = field(default_factory=list)
    _servers: dict[str, ThreadingHTTPServer] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for name in ("hub", "cdn"):
            handler = type("Handler", (_Handler,), {"hub": self, "name": name})
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            server.daemon_threads = True
            self._servers[name] = server
            self._addresses[name] = f"http://127.0.0.1:{server.server_address[1]}"
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Be gone: no new connection, and downloads under way break."""
        self.faults = Faults(cut_after=0, n_cuts=1 << 30)
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        self._servers.clear()

    def address(self, name: str) -> str:
        """Where the "hub" or the "cdn" listens, or did: an answer under way may still name it."""
        return self._addresses[name]

    @property
    def url(self) -> str:
        """What to put into HF_ENDPOINT."""
        return self.address("hub")

    def add(self, name: str, files: Mapping[str, bytes], *, gated: bool = False) -> Repository:
        """Publish a repository, or a new commit of it."""
        self.repositories[name] = Repository(name, dict(files), gated)
        return self.repositories[name]

    def blob(self, sha256: str) -> bytes | None:
        """The large file with that hash."""
        for repository in self.repositories.values():
            for data in repository.files.values():
                if hashlib.sha256(data).hexdigest() == sha256:
                    return data
        return None

    def downloads(self) -> list[Request]:
        """Requests for the bytes of large files."""
        return [x for x in self.requests if x.server == "cdn" and x.method == "GET"]


class _Refusal(NamedTuple):
    status: int
    message: str
    code: str | None = None


_UNKNOWN_TOKEN: Final = _Refusal(401, "Invalid credentials in Authorization header")
_NO_FILE: Final = _Refusal(404, "Entry not found", "EntryNotFound")
_NO_RIGHT: Final = _Refusal(
    403,
    "Please enable access to public gated repositories in your fine-grained token settings to "
    "view this repository.",
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each small answer waits 40 ms for an acknowledgement
    hub: FakeHub
    name: str

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `FakeHub.requests` instead."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = urlsplit(self.path).path
        self.hub.requests.append(
            Request(self.name, self.command, path, self.headers.get("Range"), self._token())
        )
        try:
            self._route(path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client was killed, as some tests do

    def _route(self, path: str) -> None:
        if path.startswith("/blobs/"):  # at the hub too, when the hub stands for a proxy
            self._blob(path.rpartition("/")[2])
        elif path == "/api/whoami-v2":
            self._whoami()
        elif match := _INFO.fullmatch(path):
            self._info(match[1])
        elif match := _FILE.fullmatch(path):
            self._file(match[1], match[3])
        else:
            self._refuse(_NO_FILE)

    def _token(self) -> str | None:
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None

    def _account(self) -> Account | None:
        return self.hub.accounts.get(self._token() or "")

    def _whoami(self) -> None:
        if self._account() is None:
            self._refuse(_UNKNOWN_TOKEN)
        else:
            self._json({"name": "somebody", "type": "user", "auth": {}})

    def _visible(self, name: str) -> Repository | _Refusal:
        """The repository, or the answer of the real hub: it says 401 for what is not there."""
        if self._token() and self._account() is None:
            return _UNKNOWN_TOKEN
        missing = (
            _Refusal(404, "Repository not found", "RepoNotFound")
            if self._token()
            else _Refusal(401, "Invalid username or password.")
        )
        return self.hub.repositories.get(name) or missing

    def _info(self, name: str) -> None:
        found = self._visible(name)
        if isinstance(found, _Refusal):
            self._refuse(found)
            return
        siblings = [_sibling(*item) for item in sorted(found.files.items())]
        gated = "auto" if found.gated else False
        facts = {"id": name, "modelId": name, "sha": found.commit, "private": False, "tags": []}
        self._json({**facts, "gated": gated, "siblings": siblings, "downloads": 0})

    def _gate(self, repository: Repository) -> _Refusal | None:
        account, name = self._account(), repository.name
        accepted = account is not None and name in account.accepted and account.may_read_gated
        if accepted or not repository.gated:
            return None
        restricted = f"Access to model {name} is restricted"
        if account is None:
            message = f"{restricted}. You must have access to it and be authenticated to access it."
            return _Refusal(401, message, "GatedRepo")
        if not account.may_read_gated:
            return _NO_RIGHT
        if name in account.awaiting:
            message = f"Your request to access model {name} is awaiting a review from its authors."
            return _Refusal(403, message, "GatedRepo")
        return _Refusal(403, f"{restricted} and you are not in the authorized list.", "GatedRepo")

    def _file(self, name: str, file: str) -> None:
        found = self._visible(name)
        if isinstance(found, Repository):
            found = self._gate(found) or (found if file in found.files else _NO_FILE)
        if isinstance(found, _Refusal):
            self._refuse(found)
            return
        data = found.files[file]
        sha256 = hashlib.sha256(data).hexdigest()
        headers = {"X-Repo-Commit": found.commit, "ETag": f'"{sha256}"'}
        if file.endswith(LARGE):
            headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(data))}
            headers["Location"] = f"{self.hub.address('cdn')}/blobs/{sha256}"
            self._send(302, b"", headers)
        else:
            self._send(200, data, headers)

    def _blob(self, sha256: str) -> None:
        data, faults = self.hub.blob(sha256), self.hub.faults
        if data is None:
            self._refuse(_NO_FILE)
            return
        if faults.busy > 0:
            faults.busy -= 1
            self._refuse(_Refusal(503, "Busy"))
            return
        if faults.damaged:
            data = bytes([data[0] ^ 1]) + data[1:]
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(asked[1]) if asked and not faults.ignores_ranges else 0
        if start > len(data):
            self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        headers = {"Accept-Ranges": "bytes", "ETag": f'"{sha256}"'}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._send(206 if start else 200, data[start:], headers, cut=True)

    def _refuse(self, refusal: _Refusal) -> None:
        headers = {"X-Error-Message": refusal.message, "Content-Type": "application/json"}
        if refusal.code:
            headers["X-Error-Code"] = refusal.code
        self._send(refusal.status, json.dumps({"error": refusal.message}).encode(), headers)

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str], *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self._write(body, cut=cut)

    def _write(self, body: bytes, *, cut: bool) -> None:
        for start in range(0, len(body), _CHUNK_BYTES):
            faults = self.hub.faults
            limit = faults.cut_after
            if cut and limit is not None and faults.n_cuts > 0 and start >= limit:
                faults.n_cuts -= 1
                self.wfile.flush()
                self.close_connection = True
                return
            self.wfile.write(body[start : start + _CHUNK_BYTES])
            if cut and faults.pause_s:
                time.sleep(faults.pause_s)


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    facts: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git}
    if name.endswith(LARGE):
        sha256 = hashlib.sha256(data).hexdigest()
        facts["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
    return facts
