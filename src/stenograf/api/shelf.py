"""Models as the server shows and brings them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from stenograf.models import Entry, Places, catalog, entry, install, locate, remove
from stenograf.models.doctor import Check, examine

Examine: TypeAlias = Callable[..., list[Check]]
STALE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class ModelShelf:
    """The models of this machine; `token` returns the server's own hub token, if it has one.

    `examine` is what `stenograf doctor` asks.
    """

    places: Places
    token: Callable[[], str | None]
    offline: bool = False
    examine: Examine = examine

    def names(self) -> list[str]:
        """Recognizers that are installed."""
        known = (each for each in catalog() if each.task == "recognize")
        return [each.name for each in known if locate(each.name, self.places) is not None]

    def listed(self) -> list[dict[str, Any]]:
        """Every known model."""
        return [self._shown(each) for each in catalog()]

    def may_come(self, name: str) -> str:
        """The name under which a model may be installed, or is here already.

        Raises ModelUnknownError, and OfflineError where it would have to be fetched.
        """
        known = entry(name).name
        if self.offline:
            install(known, self.places, offline=True)
        return known

    def doctor(self) -> list[Check]:
        """What works on this machine and what does not; it takes seconds."""
        return self.examine(self.places, token=self.token(), offline=self.offline)

    def remove(self, name: str) -> None:
        """Delete what an installation put here. Raises ModelError."""
        remove(entry(name).name, self.places)

    def _shown(self, known: Entry) -> dict[str, Any]:
        return {
            "name": known.name,
            "task": known.task,
            "form": known.form,
            "size_bytes": round(known.size_mb * 1e6),
            "licence": known.licence,
            "gated": known.is_gated,
            "installed": locate(known.name, self.places) is not None,
        }


@dataclass(slots=True)
class Readiness:
    """What `check` said last; asking again happens beside the request that finds it stale."""

    check: Callable[[], bool]
    _known: bool = False
    _at: float = -STALE_S
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> bool:
        """Whether it was so when it was last looked at; it returns at once."""
        if time.monotonic() - self._at >= STALE_S and self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask, name="readiness", daemon=True).start()
        return self._known

    def _ask(self) -> None:
        try:
            self._known = self.check()
            self._at = time.monotonic()
        finally:
            self._asking.release()
