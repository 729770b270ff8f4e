"""What a diarization heard, kept so that speakers can be told apart again without the sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import DocumentInvalidError
from stenograf.core.span import Span

EVIDENCE_VERSION: Final = 1
"""Version of the stored evidence; raise it together with a migration in `export.evidence`."""

Times: TypeAlias = NDArray[np.float64]
"""Start and end in seconds on the recording's clock, shape (n, 2)."""

Voices: TypeAlias = NDArray[np.float16]
"""One vector per window and local speaker, (n_windows, n_local, d); NaN where nobody spoke."""

LocalActivity: TypeAlias = NDArray[np.bool_]
"""Who of a window's local speakers talks, shape (n_windows, n_frames, n_local)."""


@dataclass(frozen=True, slots=True, eq=False)
class SpeakerEvidence:
    """Voices of a recording, before anybody decided whose they are.

    An engine clusters exactly these numbers, half precision included, so that clustering them
    again gives what a fresh run would. `model` names the speaker embedding; `duration` and all
    times are in seconds. `activity` is None where an engine hears one speaker per window.
    `parameters` are what else the engine needs: numbers and names, nothing nested. `arrays` are
    the weights that its clustering needs, float32 or float64, by lower-case name.
    """

    engine: str
    model: str
    duration: float
    speech: Times
    windows: Times
    voices: Voices
    activity: LocalActivity | None = None
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[np.floating[Any]]] = field(default_factory=dict)
    recording_sha256: str | None = None

    @property
    def speech_spans(self) -> list[Span]:
        """Where somebody speaks."""
        return [Span(start, end) for start, end in self.speech.tolist()]

    def number(self, name: str) -> float:
        """One of the parameters; raises DocumentInvalidError where it is missing or no number."""
        value = self.parameters.get(name)
        if not isinstance(value, int | float):
            raise DocumentInvalidError("The evidence lacks the number {name}.", name=name)
        return value

    def array(self, name: str) -> NDArray[np.floating[Any]]:
        """One of the arrays; raises DocumentInvalidError where it is missing."""
        if name not in self.arrays:
            raise DocumentInvalidError("The evidence lacks the array {name}.", name=name)
        return self.arrays[name]


def times(spans: list[Span]) -> Times:
    """Spans as an array.

    >>> times([Span(0.0, 1.5)]).tolist(), times([]).shape
    ([[0.0, 1.5]], (0, 2))
    """
    return np.array([(span.start, span.end) for span in spans], dtype=np.float64).reshape(-1, 2)


def half(vectors: NDArray[np.floating[Any]]) -> Voices:
    """Vectors as evidence keeps them: 11 bits of each number, enough for any cosine that counts."""
    return vectors.astype(np.float16)
