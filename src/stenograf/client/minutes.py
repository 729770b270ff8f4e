"""The minutes of recordings on a Stenograf server, as its Python client gets them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stenograf.client.answers import OnServerEvent
from stenograf.minutes import Minutes, MinutesBy

if TYPE_CHECKING:
    import httpx


class MinutesCalls(ABC):
    """The part of a client that has to do with minutes; the rest of it asks and follows."""

    def minutes(self, recording_id: str, *, method: MinutesBy = "auto") -> Minutes:
        """The newest minutes that were made there, else those that need no language model.

        With `extractive` they are always made anew, of the transcript as it is now; with `model`
        they are the newest by a language model. The notice `minutes.stale` says that the
        transcript was changed since. Raises MinutesNotFoundError and TranscriptNotFoundError.
        """
        from stenograf.minutes.json import read_minutes

        return read_minutes(self.export_minutes(recording_id, "json", method=method))

    def make_minutes(  # noqa: PLR0913
        self,
        recording_id: str,
        *,
        method: MinutesBy = "auto",
        title: str | None = None,
        date: str | None = None,
        max_points: int = 5,
        on_event: OnServerEvent | None = None,
    ) -> Minutes:
        """Minutes of the newest transcript; waits until the server, which keeps them, is done.

        `auto` is by its language model where it has one. An interrupt cancels the job. Raises
        LanguageModelError and TranscriptNotFoundError.
        """
        asked = {"method": method, "title": title, "date": date, "max_points": max_points}
        body = {name: value for name, value in asked.items() if value is not None}
        job = self._ask("POST", _path(recording_id), json=body)
        self._follow(job["id"], on_event)
        return self.minutes(recording_id)

    def export_minutes(
        self, recording_id: str, format: str, *, method: MinutesBy = "auto"
    ) -> bytes:
        """What `minutes` gives, as a file of the format: md, txt, docx or json."""
        params = {"format": format, "method": method}
        return bytes(self._repeated("GET", _path(recording_id), params=params).content)

    @abstractmethod
    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]: ...

    @abstractmethod
    def _repeated(self, method: str, path: str, **more: Any) -> httpx.Response: ...

    @abstractmethod
    def _follow(self, job_id: str, on_event: OnServerEvent | None) -> None: ...


def _path(recording_id: str) -> str:
    return f"/recordings/{quote(recording_id)}/minutes"
