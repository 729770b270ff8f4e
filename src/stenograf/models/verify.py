"""Says whether installed models are whole: `stenograf models verify`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stenograf.core.errors import ModelMissingError
from stenograf.models.catalog import Entry, catalog
from stenograf.models.fetch import file_hashes
from stenograf.models.forms import Form
from stenograf.models.locate import hub_folder, installed_path, where
from stenograf.models.places import Places
from stenograf.models.record import Record, read_record

LOAD_TIMEOUT_S: Final = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about one model; `hashed` counts files whose hash is known."""

    name: str
    path: Path
    hashed: int
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def installed(places: Places) -> list[str]:
    """Names of the catalog's models that are on this machine, damaged ones included."""
    stories = (where(known.name, places) for known in catalog())
    return [story.entry.name for story in stories if story.winner or story.broken]


def verify(name: str, places: Places) -> Verdict:
    """Compare a model's files with their hashes and open it in a child process.

    Raises ModelMissingError if it is not here.
    """
    story = where(name, places)
    look = next((look for look in story.looks if look.usable), story.broken)
    if look is None:
        return _remains(story.entry, places)
    path = look.content.path
    if look.content.problem:
        return Verdict(story.entry.name, path, 0, (look.content.problem,))
    record = _record_for(story.entry, path, places)
    faults = list(_changed(record, path)) if record else []
    if not faults and look.content.form:
        faults += _load(look.content.form, path)
    return Verdict(story.entry.name, path, len(record.files) if record else 0, tuple(faults))


def _remains(subject: Entry, places: Places) -> Verdict:
    """What is left of an installation whose files are no model any more."""
    record = read_record(subject, places)
    path = installed_path(subject, places)
    if record is None or not path.exists():
        raise ModelMissingError(
            "{name} is not on this machine.",
            hint="Fetch it: stenograf models pull {name}.",
            name=subject.name,
        )
    snapshot = path / "snapshots" / record.revision
    path = snapshot if snapshot.is_dir() else path
    faults = tuple(_changed(record, path)) or ("it is no model any more",)
    return Verdict(subject.name, path, len(record.files), faults)


def _record_for(subject: Entry, path: Path, places: Places) -> Record | None:
    """The record, if this is the installation it is about and not a copy elsewhere."""
    folders = {installed_path(subject, places)}
    if subject.in_hub_layout:
        folders = {places.hub_cache / hub_folder(name) for name in subject.repositories}
    ours = folders.intersection([path, *path.parents])
    return read_record(subject, places) if ours else None


def _changed(record: Record, path: Path) -> Iterator[str]:
    base = path.parent if path.is_file() else path
    for name, sha256 in record.files.items():
        file = base / name
        if not file.is_file():
            yield f"{name} is missing"
        elif file_hashes(file)[0] != sha256:
            yield f"{name} is not the file that was installed"


def _load(form: Form, path: Path) -> list[str]:
    command = [sys.executable, "-m", "stenograf.models.loading", form, str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LOAD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return [f"it did not open within {LOAD_TIMEOUT_S} s"]
    if done.returncode == 0:
        return []
    said = done.stderr.strip().splitlines()
    if done.returncode != 1:
        return [f"its runtime crashed on opening it (status {done.returncode})"]
    return [f"it does not open: {said[-1] if said else 'no reason given'}"]
