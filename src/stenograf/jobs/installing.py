"""The work behind a job that brings a model to the worker's machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from stenograf.core.errors import OptionError
from stenograf.jobs.port import Checkpoints, Job
from stenograf.pipeline import OnEvent


class Install(Protocol):
    """Brings a model to this machine; the wiring has one."""

    def __call__(self, name: str, on_event: OnEvent) -> object:
        """Tell progress and notices on the way; raises ModelError and OutputError."""
        ...


@dataclass(frozen=True, slots=True)
class Installing:
    """Work of the kind `install`: what has arrived is kept, whatever becomes of the attempt."""

    install: Install

    def __call__(self, job: Job, checkpoints: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        """The name of the model, which is here now."""
        name = job.options.get("model")
        if not isinstance(name, str):
            raise OptionError("A job of this kind needs a model.")
        self.install(name, on_event)
        return {"model": name}
