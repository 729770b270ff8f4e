"""Finished parts of a pipeline's run as the checkpoints of a job: JSON, and arrays beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from stenograf.core.errors import DocumentError
from stenograf.core.ports import Diarization
from stenograf.core.transcript import ModelUse, Notice, Turn
from stenograf.export import read_evidence, render_evidence
from stenograf.jobs.port import Checkpoints
from stenograf.pipeline.parts import Part


@dataclass(frozen=True, slots=True)
class Turns:
    """A Diarization but for its arrays, which lie in a checkpoint of their own."""

    turns: tuple[Turn, ...]
    notices: tuple[Notice, ...]
    models: tuple[ModelUse, ...]
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class StoredParts:
    """Parts in the checkpoints of one job."""

    checkpoints: Checkpoints

    def find(self, name: str, kind: type[Part]) -> Part | None:
        """The part of this kind; None where it was not kept or cannot be read any more."""
        if kind is Diarization:
            return cast("Part | None", self._find_diarization(name))
        return self._find(name, kind)

    def keep(self, name: str, part: object) -> None:
        """Keep it in the place of any older part of this name."""
        from pydantic import TypeAdapter

        if isinstance(part, Diarization):
            if part.evidence is not None:
                self.checkpoints.save(_evidence(name), render_evidence(part.evidence))
            part = Turns(part.turns, part.notices, part.models, part.evidence is not None)
        self.checkpoints.save(name, TypeAdapter(type(part)).dump_json(part))

    def _find(self, name: str, kind: type[Part]) -> Part | None:
        from pydantic import TypeAdapter, ValidationError

        stored = self.checkpoints.load(name)
        try:
            return None if stored is None else TypeAdapter(kind).validate_json(stored)
        except ValidationError:
            return None  # of another version: the work is done again

    def _find_diarization(self, name: str) -> Diarization | None:
        found = self._find(name, Turns)
        if found is None:
            return None
        stored = self.checkpoints.load(_evidence(name)) if found.has_evidence else None
        try:
            evidence = None if stored is None else read_evidence(stored)
        except DocumentError:
            return None
        return Diarization(found.turns, found.notices, found.models, evidence)


def _evidence(name: str) -> str:
    return f"{name}.evidence"
