"""The enrolled voices of a Stenograf server, as its Python client shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias
from urllib.parse import quote

Ask: TypeAlias = Callable[..., Any]
"""Method and path of a request, and what httpx takes; gives the JSON of its answer, or None."""

Opened: TypeAlias = Callable[
    [str | Path | BinaryIO, str | None], AbstractContextManager[tuple[BinaryIO, str, int]]
]
"""A source as a file with a name and a size in bytes."""


@dataclass(frozen=True, slots=True)
class ServerVoiceSource:
    """Where a voice was taken from: a speaker of a recording, or a clip of that name."""

    id: str
    model: str
    seconds: float
    recording_id: str | None
    speaker: str | None
    file_name: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class ServerVoice:
    """A person whom the server knows again."""

    id: str
    name: str
    created_at: float
    sources: tuple[ServerVoiceSource, ...]


class Voices:
    """What `client.voices` is; all but the list needs a key with the scope `write`."""

    def __init__(self, ask: Ask, opened: Opened) -> None:
        self._ask = ask
        self._opened = opened

    def list(self) -> list[ServerVoice]:
        """Who is enrolled, by name."""
        return [_voice(each) for each in self._ask("GET", "/voices")]

    def enrol(self, name: str, clip: str | Path | BinaryIO) -> ServerVoice:
        """Keep how somebody sounds in a clip in which only they speak; again adds a source.

        Raises VoiceUnclearError where nobody speaks, or too little.
        """
        with self._opened(clip, None) as (file, called, _):
            files = {"file": (called, file.read())}
        return _voice(self._ask("POST", "/voices", data={"name": name}, files=files))

    def enrol_speaker(self, name: str, recording_id: str, speaker: str) -> ServerVoice:
        """Keep how a speaker of a transcript sounds, given by id or name."""
        body = {"name": name, "recording_id": recording_id, "speaker": speaker}
        return _voice(self._ask("POST", "/voices", json=body))

    def identify(self, recording_id: str) -> dict[str, str]:
        """Name the nameless speakers of a transcript who are enrolled; the names by speaker id."""
        answer = self._ask("POST", f"/recordings/{quote(recording_id)}/speakers/identify")
        return dict(answer["names"])

    def delete(self, voice_id: str) -> None:
        """Forget somebody's voice."""
        self._ask("DELETE", f"/voices/{quote(voice_id)}")

    def undo(self, voice_id: str, source_id: str) -> None:
        """Take back one enrolment; the voice goes with its last one."""
        self._ask("DELETE", f"/voices/{quote(voice_id)}/sources/{quote(source_id)}")


def _voice(body: Mapping[str, Any]) -> ServerVoice:
    fields = ServerVoiceSource.__dataclass_fields__
    sources = [
        ServerVoiceSource(**{name: each[name] for name in fields}) for each in body["sources"]
    ]
    return ServerVoice(body["id"], body["name"], body["created_at"], tuple(sources))
