"""The work behind a job: the newest transcript of a recording becomes minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from stenograf.core.errors import OptionError
from stenograf.core.events import NoticeRaised
from stenograf.core.transcript import Transcript
from stenograf.jobs.port import Checkpoints, Job
from stenograf.library import Library
from stenograf.minutes import Answers, Minutes, MinutesBy
from stenograf.pipeline import OnEvent


@dataclass(frozen=True, slots=True)
class MinutesWanted:
    """How minutes are to be made; the fields besides `method` are those of MinutesOptions."""

    method: MinutesBy = "auto"
    title: str | None = None
    date: str | None = None
    max_points: int = 5


class MakeMinutes(Protocol):
    """Makes minutes of transcripts; the wiring has one."""

    def __call__(  # noqa: PLR0913
        self,
        transcript: Transcript,
        *,
        method: MinutesBy,
        title: str | None,
        date: str | None,
        max_points: int,
        on_event: OnEvent,
        answers: Answers,
    ) -> Minutes:
        """Tell progress on the way; raises LanguageModelError and OptionError."""
        ...


@dataclass(frozen=True, slots=True)
class Minuting:
    """Work of the kind `minutes`."""

    library: Library
    make: MakeMinutes

    def __call__(self, job: Job, checkpoints: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        """The id of the minutes, which are saved once for a job, and what they were made of."""
        from stenograf.minutes.json import to_json

        if job.recording_id is None:
            raise OptionError("A job of this kind needs a recording.")
        wanted = _wanted(job.options)
        found = self.library.transcript(job.recording_id)
        answers = KeptAnswers(checkpoints)
        made = self.make(found.transcript, **asdict(wanted), on_event=on_event, answers=answers)
        for notice in made.notices:
            on_event(NoticeRaised(notice))
        saved = self.library.save_minutes(
            job.recording_id,
            to_json(made),
            version=found.version,
            method=made.method,
            model=made.model,
            job_id=job.id,
            key_id=job.key_id,
        )
        return {"minutes_id": saved.id, "version": saved.version, "method": saved.method}


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """Answers of a language model in the checkpoints of one job, for its next attempt."""

    checkpoints: Checkpoints

    def find(self, name: str) -> str | None:
        """What was kept under the name, in this attempt or an earlier one."""
        kept = self.checkpoints.load(name)
        return None if kept is None else kept.decode("utf-8", "surrogatepass")

    def keep(self, name: str, answer: str) -> None:
        """Keep it; raises LeaseLostError when another worker has the job."""
        self.checkpoints.save(name, answer.encode("utf-8", "surrogatepass"))


def _wanted(given: Mapping[str, Any]) -> MinutesWanted:
    """Options that were JSON; raises OptionError for a name that nobody knows."""
    unknown = given.keys() - MinutesWanted.__dataclass_fields__.keys()
    if unknown:
        raise OptionError("There is no option {name}.", name=", ".join(sorted(unknown)))
    return MinutesWanted(**given)
