"""Puts delivered files where engines look for them, all at once or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from stenograf.core.errors import HashMismatchError
from stenograf.models.catalog import Conversion, Entry, HubSource, Source, UrlSource
from stenograf.models.delivery import Delivered
from stenograf.models.fetch import file_hashes
from stenograf.models.locate import hub_folder, installed_path
from stenograf.models.places import Places
from stenograf.models.record import Record, require_same, write_record
from stenograf.models.staging import staged_file, staged_folder


def shelve(
    delivered: Delivered, subject: Entry, source: Source, places: Places, known: Record | None
) -> None:
    """Make the model visible under its name, and remember its hashes.

    Raises HashMismatchError if the files are not those that the catalog or an earlier installation
    of the same revision knows.
    """
    _require_published(delivered, subject)
    record = Record(subject.name, str(source), delivered.revision, delivered.hashes, {})
    require_same(known, record)
    if subject.is_file:
        _shelve_file(delivered, record, subject, places)
    elif subject.in_hub_layout and isinstance(source, HubSource):
        _shelve_snapshot(delivered, record, subject, source, places)
    else:
        conversion = None if isinstance(source, UrlSource) else source.convert
        _shelve_folder(delivered, record, subject, places, conversion)
    shutil.rmtree(delivered.folder, ignore_errors=True)


def _require_published(delivered: Delivered, subject: Entry) -> None:
    for name, found in delivered.hashes.items():
        published = subject.sha256.get(name, found)
        if found != published:
            raise HashMismatchError("{name} arrived with the hash {found}, not {published}.",
                                    name=name, found=found, published=published)  # fmt: skip


def _shelve_file(delivered: Delivered, record: Record, subject: Entry, places: Places) -> None:
    ((name, part),) = delivered.files.items()
    target = installed_path(subject, places)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remember(record, {target.name: record.downloaded[name]}, subject, places)
    part.replace(target)


def _shelve_folder(
    delivered: Delivered,
    record: Record,
    subject: Entry,
    places: Places,
    conversion: Conversion | None,
) -> None:
    target = installed_path(subject, places)
    with staged_folder(target) as folder:
        if conversion is None:
            _move(delivered.files, folder, strip=_common_folder(list(delivered.files)))
            files = {_inside(name, delivered): sha for name, sha in record.downloaded.items()}
        else:
            (checkpoint,) = delivered.files.values()
            _convert(conversion, checkpoint, folder)
            made = (path for path in folder.rglob("*") if path.is_file())
            files = {path.relative_to(folder).as_posix(): file_hashes(path)[0] for path in made}
        _remember(record, files, subject, places)


def _shelve_snapshot(
    delivered: Delivered, record: Record, subject: Entry, source: HubSource, places: Places
) -> None:
    """The hub's own layout with real files: links do not work everywhere, and need not.

    `refs/main` is written first: a reference to a snapshot that never came does no harm, while a
    snapshot without one is not found by the hub's own client.
    """
    repository = places.hub_cache / hub_folder(source.repository)
    _remember(record, record.downloaded, subject, places)
    with staged_file(repository / "refs" / "main") as part:
        part.write_text(delivered.revision, encoding="utf-8")
    with staged_folder(repository / "snapshots" / delivered.revision) as folder:
        _move(delivered.files, folder, strip="")


def _remember(record: Record, files: dict[str, str], subject: Entry, places: Places) -> None:
    write_record(
        Record(record.name, record.source, record.revision, record.downloaded, files),
        subject,
        places,
    )


def _inside(name: str, delivered: Delivered) -> str:
    return name.removeprefix(_common_folder(list(delivered.files)))


def _common_folder(names: list[str]) -> str:
    """The folder that all names share, with its slash: nobody needs it inside a model's folder.

    >>> _common_folder(["plda/a.npz", "plda/b.npz"]), _common_folder(["a", "b/c"])
    ('plda/', '')
    """
    folder = os.path.commonpath([Path(name).parent.as_posix() for name in names])
    return f"{folder}/" if folder not in ("", ".") else ""


def _move(files: dict[str, Path], folder: Path, *, strip: str) -> None:
    for name, part in files.items():
        target = folder / name.removeprefix(strip)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.replace(target)
        except OSError as fault:
            if fault.errno != errno.EXDEV:
                raise
            shutil.copyfile(part, target)  # the hub's cache is on another disk than our parts


def _convert(conversion: Conversion, checkpoint: Path, folder: Path) -> None:
    from stenograf.models import convert

    if conversion == "ge2e":
        convert.convert_ge2e(checkpoint, folder / "model.onnx")
    elif conversion == "segmentation":
        convert.convert_segmentation(checkpoint, folder / "model.onnx")
    else:
        convert.convert_wespeaker(checkpoint, folder / "trunk.onnx", folder / "head.npz")
