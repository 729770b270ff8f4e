"""The models of a Stenograf server, as its Python client shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

Ask: TypeAlias = Callable[[str, str], Any]
"""Method and path of a request; gives the JSON of its answer, None where there is none."""


@dataclass(frozen=True, slots=True)
class ServerModel:
    """A model that the server knows; `installed` says that it is there already."""

    name: str
    task: str
    form: str
    size_bytes: int | None
    licence: str
    gated: bool
    installed: bool


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """One thing that the server looked at; `hint` says what to do where it does not work."""

    area: str
    name: str
    found: str
    fault: bool
    code: str | None = None
    message: str | None = None
    hint: str | None = None


class Models:
    """What `client.models` is; all but the list needs a key with the scope `admin`."""

    def __init__(self, ask: Ask, follow: Callable[..., None]) -> None:
        self._ask = ask
        self._follow = follow

    def list(self) -> list[ServerModel]:
        """Every known model."""
        return [_made(ServerModel, each) for each in self._ask("GET", "/models")]

    def install(self, name: str, *, on_event: Callable[[Any], object] | None = None) -> None:
        """Bring a model to the server and wait until it is there; `on_event` hears how far it is.

        Raises what the installation failed with; an interrupt cancels it, and what has arrived
        is kept.
        """
        job = self._ask("POST", f"/models/{quote(name)}/install")
        self._follow(job["id"], on_event)

    def remove(self, name: str) -> None:
        """Delete a model that Stenograf installed there."""
        self._ask("DELETE", f"/models/{quote(name)}")

    def doctor(self) -> tuple[ServerCheck, ...]:
        """What works on the server and what does not."""
        return tuple(_made(ServerCheck, each) for each in self._ask("GET", "/models/doctor"))


def _made(kind: Any, body: dict[str, Any]) -> Any:
    return kind(**{name: body[name] for name in kind.__dataclass_fields__})
