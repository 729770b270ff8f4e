"""The work behind a job: a recording of the library becomes its next transcript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stenograf.core.errors import OptionError
from stenograf.jobs.parts import StoredParts
from stenograf.jobs.port import Checkpoints, Job
from stenograf.library import Library
from stenograf.pipeline import OnEvent, Pipeline, TranscribeOptions
from stenograf.pipeline.only_language import for_language


class Prepare(Protocol):
    """Makes pipelines; the wiring has one."""

    def __call__(
        self, options: TranscribeOptions, *, recognize: bool, on_event: OnEvent
    ) -> Pipeline:
        """Engines chosen, weights loaded; raises ModelError and EngineError."""
        ...


@dataclass(frozen=True, slots=True)
class Transcribing:
    """Work of the kinds `transcribe`, `diarize` and `language`."""

    library: Library
    prepare: Prepare
    max_duration_s: float | None = None
    max_channels: int | None = None

    def __call__(self, job: Job, checkpoints: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        """The id and version of the transcript, which is saved once for a job."""
        if job.recording_id is None:
            raise OptionError("A job of this kind needs a recording.")
        options = _options(job.options)
        name = self.library.recording(job.recording_id).name
        if job.kind == "language":
            options = replace(options, diarize=False)
        recognize = job.kind != "diarize"
        pipeline = self.prepare(options, recognize=recognize, on_event=on_event)
        if job.kind == "language":
            pipeline, options = for_language(pipeline, options)
        pipeline = replace(
            pipeline, max_duration_s=self.max_duration_s, max_channels=self.max_channels
        )
        with self.library.audio_file(job.recording_id) as path:
            transcript, evidence = pipeline.run_with_evidence(
                path, options, name=name, on_event=on_event, parts=StoredParts(checkpoints)
            )
        saved = self.library.save_transcript(
            job.recording_id, transcript, evidence=evidence, job_id=job.id
        )
        return {"transcript_id": saved.id, "version": saved.version}


def _options(given: Mapping[str, Any]) -> TranscribeOptions:
    """Options that were JSON; raises OptionError for a name that nobody knows."""
    unknown = given.keys() - TranscribeOptions.__dataclass_fields__.keys()
    if unknown:
        raise OptionError("There is no option {name}.", name=", ".join(sorted(unknown)))
    return TranscribeOptions(**given)
