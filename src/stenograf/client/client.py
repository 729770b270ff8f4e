"""A client of a Stenograf server: the same verbs, somewhere else.

    with stenograf.Client("http://server:8000", key="stg_...") as client:
        transcript = client.transcribe("call.mp3", language="ru", speakers=2)

Needs httpx (the extra `client`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self, Unpack

from stenograf.client.answers import (
    JobState,
    OnServerEvent,
    ServerEvent,
    job_of,
    parsed,
    refusal,
    unreachable,
)
from stenograf.client.minutes import MinutesCalls
from stenograf.client.models import Models
from stenograf.client.tries import Tries
from stenograf.client.voices import Voices
from stenograf.core.errors import (
    AudioNotFoundError,
    BusyError,
    CancelledError,
    NotReadyError,
    QueueFullError,
    ServerUnreachableError,
    error_from,
)
from stenograf.core.transcript import Transcript
from stenograf.export import read_json
from stenograf.pipeline import TranscribeKeywords

if TYPE_CHECKING:
    import httpx

PART_BYTES: Final = 8 << 20
"""Larger recordings go in parts of this size, so that a broken connection costs one part."""


class Client(MinutesCalls):
    """A server at an address, with a key where it asks for one.

    `models` and `voices` are those it has.

    Every method raises the error the server names, under the same classes as in the library, and
    ServerUnreachableError where there is no server. What is safe to repeat is repeated when the
    connection breaks or the server is busy.
    """

    def __init__(
        self, url: str, key: str | None = None, *, timeout_s: float = 60.0, http: Any = None
    ) -> None:
        import httpx

        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http: httpx.Client = http or httpx.Client(
            base_url=url.rstrip("/"), timeout=timeout_s, headers=headers
        )
        self.models = Models(self._json, self._follow)
        self.voices = Voices(self._json, _opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def transcribe(
        self,
        source: str | Path | BinaryIO,
        *,
        name: str | None = None,
        on_event: OnServerEvent | None = None,
        **options: Unpack[TranscribeKeywords],
    ) -> Transcript:
        """Who said what, when, in one recording; waits until the server is done.

        The recording stays on the server until `delete`. `options` are those of
        `stenograf.transcribe`; an interrupt cancels the job.
        """
        recording_id = self.upload(source, name=name)
        self._follow(self.submit_recording(recording_id, **options).id, on_event)
        return self.transcript(recording_id)

    def submit(
        self,
        source: str | Path | BinaryIO,
        *,
        name: str | None = None,
        **options: Unpack[TranscribeKeywords],
    ) -> JobState:
        """Bring a recording and start a job for it; it returns when the recording is there."""
        recording_id = self.upload(source, name=name)
        return self.submit_recording(recording_id, **options)

    def submit_recording(
        self, recording_id: str, **options: Unpack[TranscribeKeywords]
    ) -> JobState:
        """Start a job for a recording that is on the server."""
        given = {name: value for name, value in options.items() if value is not None}
        body = {"recording_id": recording_id, "options": given}
        return job_of(self._ask("POST", "/jobs", json=body))

    def upload(self, source: str | Path | BinaryIO, *, name: str | None = None) -> str:
        """The id of a recording, brought in parts; a broken connection repeats one part only."""
        with _opened(source, name) as (file, called, size):
            new = {"name": called, "size_bytes": size}
            upload = f"/uploads/{self._ask('POST', '/uploads', json=new)['id']}"
            offset = 0
            while part := file.read(PART_BYTES):
                offset = self._append(upload, offset, part)
            return str(self._ask("POST", f"{upload}/finish", json={})["id"])

    def _append(self, upload: str, offset: int, part: bytes) -> int:
        """The offset behind the part; what arrived though its answer was lost is not sent again."""
        end = offset + len(part)
        tries = Tries()
        for _ in tries:
            try:
                headers = {"Upload-Offset": str(offset)}
                sent = part[len(part) - (end - offset) :]
                answer = self._send("PATCH", upload, content=sent, headers=headers)
                return int(answer["received_bytes"])
            except (BusyError, NotReadyError) as error:
                tries.failed(error)
            except ServerUnreachableError:
                offset = int(self._ask("GET", upload)["received_bytes"])
                if offset >= end:
                    return offset
        raise ServerUnreachableError("The connection breaks again and again.")

    def job(self, job_id: str) -> JobState:
        """How far a job is."""
        return job_of(self._ask("GET", f"/jobs/{job_id}"))

    def cancel(self, job_id: str) -> JobState:
        """Ask a job to stop."""
        return job_of(self._ask("POST", f"/jobs/{job_id}/cancel"))

    def wait(self, job_id: str) -> JobState:
        """The job when it is done. Raises what it failed with, CancelledError when cancelled."""
        job = self.job(job_id)
        if not job.is_final:
            for _ in self.events(job_id):
                pass
            job = self.job(job_id)
        if job.status == "cancelled":
            raise CancelledError("The job was cancelled.")
        if job.error is not None:
            raise error_from(job.error)
        return job

    def _follow(self, job_id: str, on_event: OnServerEvent | None) -> None:
        """Wait for a job and pass on what it tells; an interrupt cancels it."""
        try:
            for event in self.events(job_id):
                if on_event is not None:
                    on_event(event)
            self.wait(job_id)
        except (KeyboardInterrupt, GeneratorExit):
            self.cancel(job_id)
            raise

    def events(self, job_id: str, *, after: int = 0) -> Iterator[ServerEvent]:
        """What a job tells from event number `after` on, as it happens, until it is over.

        A connection that breaks, or is refused while the server is busy, is begun again; it ends
        in an error only where several in a row bring nothing.
        """
        tries = Tries()
        for _ in tries:
            last = None
            try:
                for event in self._listen(job_id, after):
                    after, last = event.number, event.kind
                    tries.got_further()
                    yield event
                job = self.job(job_id)
                if job.is_final and last in {None, job.status}:
                    return  # else the stream was cut before it told the end
            except (ServerUnreachableError, BusyError, NotReadyError) as error:
                tries.failed(error)
        raise ServerUnreachableError("The connection breaks again and again.")

    def transcript(self, recording_id: str, *, version: int | None = None) -> Transcript:
        """The document of a recording, the newest unless another version is asked for."""
        return read_json(self.export(recording_id, "json", version=version))

    def export(self, recording_id: str, format: str, *, version: int | None = None) -> bytes:
        """The transcript as a file of the format."""
        params = {"format": format} | ({} if version is None else {"version": str(version)})
        answer = self._repeated("GET", f"/recordings/{recording_id}/transcript", params=params)
        return bytes(answer.content)

    def delete(self, recording_id: str) -> None:
        """Delete a recording and everything made of it."""
        self._repeated("DELETE", f"/recordings/{recording_id}")

    def _listen(self, job_id: str, after: int) -> Iterator[ServerEvent]:
        import httpx

        headers = {"Last-Event-ID": str(after)}
        url = f"/api/v1/jobs/{job_id}/events"
        try:
            with self._http.stream("GET", url, headers=headers, timeout=None) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    raise refusal(answer)
                yield from parsed(answer.iter_lines())
        except httpx.TransportError as error:
            raise unreachable(error) from error

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        return dict(self._repeated(method, path, **more).json())

    def _json(self, method: str, path: str, **more: Any) -> Any:
        content = self._repeated(method, path, **more).content
        return json.loads(content) if content else None

    def _send(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        return dict(self._once(method, path, **more).json())

    def _repeated(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer; what is safe to repeat is repeated while the server is busy or away."""
        tries = Tries()
        for _ in tries:
            try:
                return self._once(method, path, **more)
            except (BusyError, QueueFullError, NotReadyError) as error:
                tries.failed(error)
            except ServerUnreachableError as error:
                if method == "POST":
                    raise
                tries.failed(error)
        raise ServerUnreachableError("The server does not answer.")

    def _once(self, method: str, path: str, **more: Any) -> httpx.Response:
        import httpx

        try:
            answer = self._http.request(method, f"/api/v1{path}", **more)
        except httpx.TransportError as error:
            raise unreachable(error) from error
        if answer.status_code >= 400:
            raise refusal(answer)
        return answer


@contextmanager
def _opened(source: str | Path | BinaryIO, name: str | None) -> Iterator[tuple[BinaryIO, str, int]]:
    """The source as a file with a name and a size in bytes."""
    if not isinstance(source, str | Path):
        size = source.seek(0, 2)
        source.seek(0)
        yield source, name or "recording", size
        return
    path = Path(source)
    try:
        file = path.open("rb")
    except OSError as error:
        raise AudioNotFoundError("{path} cannot be read.", path=str(path)) from error
    with file:
        yield file, name or path.name, path.stat().st_size
