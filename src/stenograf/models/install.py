"""Brings a model to this machine, unless it is here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stenograf.core.errors import (
    AccessError,
    DownloadError,
    ModelError,
    ModelInvalidError,
    ModelMissingError,
    NoConnectionError,
    OfflineError,
)
from stenograf.core.transcript import Notice
from stenograf.models.by_hand import by_hand
from stenograf.models.catalog import Entry, HubSource, Source
from stenograf.models.connection import offline_by_environment
from stenograf.models.delivery import Delivery, bring
from stenograf.models.hub import find_token
from stenograf.models.locate import Located, Story, installed_path, locate, where
from stenograf.models.places import Places
from stenograf.models.record import read_record, record_path
from stenograf.models.shelve import shelve
from stenograf.models.staging import disk_faults

OnProgress = Callable[[float], object]
OnNotice = Callable[[Notice], object]


def _ignore(_: object) -> None:
    return None


def install(  # noqa: PLR0913
    name: str,
    places: Places,
    *,
    token: str | None = None,
    offline: bool = False,
    on_progress: OnProgress = _ignore,
    on_notice: OnNotice = _ignore,
) -> Path:
    """The model on this disk, as its engine wants it; fetched first if it is not here.

    `on_progress` gets the share of bytes in [0, 1] and may raise CancelledError: what has arrived
    is kept and continued the next time. `on_notice` learns what is fetched, from where, how large
    it is and why. Two processes that ask at once share one download.

    Raises OfflineError, DownloadError, AccessError, DiskFullError, ModelUnknownError or
    ModelInvalidError.
    """
    story = where(name, places)
    if story.winner is not None:
        return story.winner.path
    _require_sources(story)
    for need in story.entry.needs:  # first, so that what is here has what it needs
        try:
            install(need, places, token=token, offline=offline, on_notice=on_notice)
        except (NoConnectionError, OfflineError) as fault:
            fault.details |= by_hand(story.entry)  # all that is to bring, not this part alone
            raise
    _tell_why(story, on_notice)
    if offline or offline_by_environment():
        raise _offline(story)
    with _alone(story.entry, places, on_progress, on_notice):
        found = locate(name, places)
        if found is None:
            _bring_from_any(story.entry, places, find_token(token), on_progress, on_notice)
            found = _require_usable(story.entry, places)
    on_progress(1.0)
    return found.path


def remove(name: str, places: Places) -> list[Path]:
    """Delete what an installation put here, and give what was deleted.

    Models in folders that other programs own are left alone. Raises ModelMissingError if there is
    nothing of ours.
    """
    story = where(name, places)
    ours = installed_path(story.entry, places)
    theirs = story.entry.in_hub_layout and not record_path(story.entry, places).exists()
    if theirs or not ours.exists():
        elsewhere = story.winner.path if story.winner else None
        raise ModelMissingError(
            "Stenograf did not install {name}.",
            hint="It lies in {path}; delete it there." if elsewhere else "Nothing to remove.",
            name=name,
            path=elsewhere,
        )
    trash = ours.with_name(f".removed-{ours.name}")
    shutil.rmtree(trash, ignore_errors=True)
    ours.rename(trash)  # gone at once, even if deleting the bytes takes long or is interrupted
    _delete(trash)
    return [ours]


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _bring_from_any(
    subject: Entry, places: Places, token: str | None, on_progress: OnProgress, on_notice: OnNotice
) -> None:
    """Try the sources in their order; the hub is asked again only if it was there at all."""
    faults: list[ModelError] = []
    for source in subject.sources:
        if isinstance(source, HubSource) and any(isinstance(x, NoConnectionError) for x in faults):
            continue
        try:
            with disk_faults(places.home):
                delivery = Delivery(subject, source, places, token, on_progress, on_notice)
                shelve(bring(delivery), subject, source, places, read_record(subject, places))
        except (DownloadError, AccessError) as fault:
            faults.append(fault)
            if source is not subject.sources[-1]:
                _tell_next(source, fault, on_notice)
        else:
            return
    refusals = [fault for fault in faults if isinstance(fault, AccessError)]
    raise (refusals or faults)[0]


def _require_usable(subject: Entry, places: Places) -> Located:
    story = where(subject.name, places)
    if story.winner is not None:
        return story.winner
    broken = story.broken
    raise ModelInvalidError(
        "{name} was installed but cannot be used: {reason}.",
        name=subject.name,
        reason=broken.content.problem if broken else "its form is not the expected one",
    )


def _require_sources(story: Story) -> None:
    if story.entry.sources:
        return
    (look,) = story.looks
    raise ModelInvalidError(
        "{path} is not used: {reason}.", path=look.content.path, reason=look.verdict
    )


def _tell_why(story: Story, on_notice: OnNotice) -> None:
    """Say what is here already and why it does not do."""
    other, broken = story.other_form, story.broken
    if other is not None:
        on_notice(
            Notice(
                "model.other_form",
                "{path} is the same model in another form: {form}. The engine {engine} cannot "
                "read it.",
                "To use it without a download: stenograf models convert {path}"
                if story.convertible
                else "To use it without a download, choose the engine that reads it.",
                {
                    "path": other.content.path,
                    "form": other.verdict,
                    "engine": story.entry.engine,
                },
            )
        )
    if broken is not None:
        on_notice(
            Notice(
                "model.broken",
                "{path} is not used: {reason}.",
                "Remove or repair it; meanwhile the model is fetched anew.",
                {"path": broken.content.path, "reason": broken.content.problem},
            )
        )


def _offline(story: Story) -> OfflineError:
    other = story.other_form
    if other is not None:
        return OfflineError(
            "The model {name} is here only in a form that {engine} cannot read, and the network is "
            "forbidden.",
            hint="Convert it without a network: stenograf models convert {path}"
            if story.convertible
            else "Choose the engine that reads it: {reader}",
            name=story.entry.name,
            engine=story.entry.engine,
            path=other.content.path,
            reader=other.entry.engine,
        )
    return OfflineError(
        "The model {name} is not on this machine, and the network is forbidden.",
        hint="Allow the network once, or bring {bring} and run stenograf models import PATH --as "
        "{name}. To see where was looked: stenograf models where {name}",
        **by_hand(story.entry),
    )


def _tell_next(source: Source, fault: ModelError, on_notice: OnNotice) -> None:
    on_notice(
        Notice(
            "model.source_failed",
            "{source} did not work: {reason}",
            None,
            {"source": str(source), "reason": str(fault)},
        )
    )


LOCK_POLL_S: Final = 0.5


@contextmanager
def _alone(
    subject: Entry, places: Places, on_progress: OnProgress, on_notice: OnNotice
) -> Iterator[None]:
    """Only one process at a time fetches a model; the others wait and then find it here."""
    from filelock import FileLock, Timeout

    folder = places.home / ".locks"
    with disk_faults(places.home):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{subject.name.replace('/', '--')}.lock")
    told = False
    while True:
        try:
            lock.acquire(timeout=LOCK_POLL_S)
            break
        except Timeout:
            on_progress(0.0)  # lets a caller cancel the wait
            if not told:
                on_notice(Notice("model.waiting", "Another process is fetching {name}; waiting.",
                                 None, {"name": subject.name}))  # fmt: skip
                told = True
    try:
        yield
    finally:
        lock.release()
