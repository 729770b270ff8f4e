"""What was installed, from where and with which hashes: kept beside the models."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from stenograf.core.errors import HashMismatchError
from stenograf.models.catalog import Entry
from stenograf.models.places import Places
from stenograf.models.staging import staged_file

FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Record:
    """Hashes of one installed model.

    `downloaded` are the files as published, `files` the ones on disk after a conversion, both by
    path inside the model's folder, as SHA-256.
    """

    name: str
    source: str
    revision: str
    downloaded: dict[str, str]
    files: dict[str, str]


def record_path(subject: Entry, places: Places) -> Path:
    """Where the record of a model lies; it stays when the model is removed."""
    return places.home / ".records" / f"{subject.name.replace('/', '--')}.json"


def read_record(subject: Entry, places: Places) -> Record | None:
    """The record of a model, None if it was never installed by us or the record is unreadable."""
    path = record_path(subject, places)
    try:
        stored: Any = json.loads(path.read_text(encoding="utf-8"))
        if stored.pop("format_version") != FORMAT_VERSION:
            return None
        return Record(**stored)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_record(record: Record, subject: Entry, places: Places) -> None:
    """Keep the record, whole or not at all."""
    with staged_file(record_path(subject, places)) as part:
        text = json.dumps({"format_version": FORMAT_VERSION, **asdict(record)}, indent=1)
        part.write_text(text, encoding="utf-8")


def require_same(known: Record | None, new: Record) -> None:
    """A published revision never changes: its files must be the ones of the first installation.

    Raises HashMismatchError with the first file that differs.
    """
    if known is None or (known.source, known.revision) != (new.source, new.revision):
        return
    for name, sha256 in known.downloaded.items():
        if new.downloaded.get(name, sha256) != sha256:
            raise HashMismatchError(
                "{name} of {source} is not the file that was installed the first time.",
                name=name, source=new.source,
            )  # fmt: skip
