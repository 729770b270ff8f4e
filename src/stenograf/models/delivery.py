"""Carries the files of one source to a folder of parts, where they wait until all are whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from stenograf.core.errors import DiskFullError, DownloadError, NoConnectionError
from stenograf.core.transcript import Notice
from stenograf.models.by_hand import by_hand
from stenograf.models.catalog import Entry, HubSource, Source, UrlSource, WheelSource
from stenograf.models.connection import unreachable
from stenograf.models.fetch import RemoteFile, fetch, hub_client, transport_fault
from stenograf.models.hub import look_up, refused
from stenograf.models.places import Places
from stenograf.models.wheel import fetch_member

SPARE_BYTES: Final = 64 << 20
"""Room that must stay on the disk after a model has arrived."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What to bring, from where, and whom to tell."""

    subject: Entry
    source: Source
    places: Places
    token: str | None = field(repr=False)
    on_progress: Callable[[float], object]
    on_notice: Callable[[Notice], object]


@dataclass(frozen=True, slots=True)
class Delivered:
    """Whole, verified files in a folder of parts; `hashes` are SHA-256 by published name."""

    folder: Path
    revision: str
    files: dict[str, Path]
    hashes: dict[str, str]


def bring(delivery: Delivery) -> Delivered:
    """Download every file of the source, continuing what an earlier attempt left."""
    source = delivery.source
    if isinstance(source, WheelSource):
        return _from_wheel(delivery, source)
    if isinstance(source, UrlSource):
        return _from_address(delivery, source)
    return _from_hub(delivery, source)


def parts_folder(subject: Entry, places: Places) -> Path:
    """Where the parts of a model wait; on the disk of the models, so that moving is a rename."""
    return places.home / ".parts" / subject.name.replace("/", "--")


def _from_hub(delivery: Delivery, source: HubSource) -> Delivered:
    repository = look_up(source, delivery.subject, token=delivery.token)
    try:
        return _fetch_all(delivery, repository.commit, repository.files, repository.headers)
    except hub_client().errors.HfHubHTTPError as fault:
        raise refused(fault, source, delivery.token) from fault


def _from_address(delivery: Delivery, source: UrlSource) -> Delivered:
    reason = unreachable(source.url)
    if reason is not None:
        raise NoConnectionError(
            "{url} cannot be reached ({reason}).",
            url=source.url, reason=reason, **by_hand(delivery.subject),
        )  # fmt: skip
    name = source.url.rpartition("/")[2]
    try:
        head = hub_client().get_session().head(source.url, timeout=15.0, follow_redirects=True)
        size = int(head.headers.get("Content-Length") or 0) or None
        file = RemoteFile(name, source.url, size=size, sha256=source.sha256)
        return _fetch_all(delivery, source.sha256, (file,), {})
    except (transport_fault(), hub_client().errors.HfHubHTTPError) as fault:
        raise DownloadError("{url} did not answer ({reason}).", url=source.url,
                            reason=str(fault)) from fault  # fmt: skip


def _from_wheel(delivery: Delivery, source: WheelSource) -> Delivered:
    folder = parts_folder(delivery.subject, delivery.places)
    _announce(delivery, None, folder)
    target = folder / Path(source.member).name
    sha256 = fetch_member(
        source, delivery.subject, target, on_bytes=lambda _: delivery.on_progress(0.9)
    )  # fmt: skip
    name = target.name
    return Delivered(folder, source.sha256, {name: target}, {name: sha256})


def _fetch_all(
    delivery: Delivery, revision: str, files: tuple[RemoteFile, ...], headers: dict[str, str]
) -> Delivered:
    folder = parts_folder(delivery.subject, delivery.places)
    parts = {file.name: folder / f"{file.identity}.part" for file in files}
    total = sum(file.size or 0 for file in files)
    have = sum(part.stat().st_size for part in parts.values() if part.exists())
    _announce(delivery, total, folder)
    _require_room(delivery.places.home, total - have)
    hashes: dict[str, str] = {}
    before = 0
    for file in files:
        tell = _share(delivery.on_progress, before, total)
        hashes[file.name] = fetch(file, parts[file.name], headers=headers, on_bytes=tell)
        before += parts[file.name].stat().st_size
    return Delivered(folder, revision, parts, hashes)


def _share(
    on_progress: Callable[[float], object], before: int, total: int
) -> Callable[[int], object]:
    return lambda n_bytes: on_progress(min(1.0, (before + n_bytes) / total) if total else 0.0)


def _announce(delivery: Delivery, total: int | None, folder: Path) -> None:
    """Say, before it starts, what is fetched, how much it is, from where and why."""
    size = total if total is not None else round(delivery.subject.size_mb * 1e6)
    delivery.on_notice(
        Notice(
            "model.download",
            "Fetching {name} ({size_mb:.0f} MB) from {source}: it is not on this machine.",
            None,
            {
                "name": delivery.subject.name,
                "size_bytes": size,
                "size_mb": size / 1e6,
                "source": str(delivery.source),
                "folder": folder,
            },
        )
    )


def _require_room(home: Path, needed: int) -> None:
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if needed + SPARE_BYTES > free:
        raise DiskFullError(
            "{needed_mb:.0f} MB are needed in {folder}, and {free_mb:.0f} MB are free.",
            hint="Free some space, or set STENOGRAF_MODELS_DIR to a folder on a larger disk.",
            needed_mb=(needed + SPARE_BYTES) / 1e6, free_mb=free / 1e6, folder=home,
        )  # fmt: skip
