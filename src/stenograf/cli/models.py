"""`stenograf models`: what there is, where it lies, how it arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from stenograf.app import places_from
from stenograf.cli.messages import notice_text
from stenograf.cli.models_files import COMMANDS
from stenograf.core.transcript import Notice
from stenograf.messages import translate
from stenograf.models import (
    Entry,
    Located,
    Story,
    catalog,
    folder_size,
    install,
    locate,
    remove,
    where,
)
from stenograf.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

MB: Final = 1e6


@click.group(short_help="Find, fetch, import and check models.")
def models() -> None:
    """What models there are, where they lie, and how they arrive.

    A model is named as in `stenograf models list`; a hub repository owner/name and a path work too.
    """


for _command in COMMANDS:
    models.add_command(_command)


@models.command("list")
@click.option("--installed", is_flag=True, help="Only what is on this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(installed: bool, as_json: bool) -> None:
    """Every known model: what it is for, its size, its licence, and where it lies."""
    places = places_from(Settings())
    rows = [(known, locate(known.name, places)) for known in catalog()]
    if installed:
        rows = [row for row in rows if row[1] is not None]
    if as_json:
        _print_json([_as_fields(*row) for row in rows])
    else:
        _print_table(rows)


@models.command("where")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def where_(name: str, as_json: bool) -> None:
    """Every place that is searched for NAME, what was found there, and the winner.

    Ends with status 4 if the model is not on this machine.
    """
    story = where(name, places_from(Settings()))
    if as_json:
        _print_json(_story_fields(story))
    else:
        _print_story(story)
    if story.winner is None:
        raise click.exceptions.Exit(4)


@models.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--token", metavar="TOKEN", help="Token of the model hub, for gated models.")
@click.option("--offline", is_flag=True, help="Never open a network connection.")
@click.option("--quiet", "-q", is_flag=True, help="No progress, only errors.")
def pull(names: tuple[str, ...], token: str | None, offline: bool, quiet: bool) -> None:
    """Bring models to this machine; what is here already costs nothing."""
    settings = Settings()
    known_token = settings.hf_token.get_secret_value() if settings.hf_token else None
    with shown(quiet=quiet) as show:
        for name in names:
            path = install(
                name,
                places_from(settings),
                token=token or known_token,
                offline=offline or settings.offline,
                on_progress=show.advance,
                on_notice=show.tell,
            )
            click.echo(f"{name}: {path}")


@models.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove_(names: tuple[str, ...]) -> None:
    """Delete models that Stenograf installed; what other programs brought stays."""
    for name in names:
        for path in remove(name, places_from(Settings())):
            click.echo(translate("Removed {path}").format(path=path))


class Show:
    """Shows nothing; the bar adds to it."""

    def tell(self, notice: Notice) -> None:
        """One notice."""

    def advance(self, fraction: float) -> None:
        """The share of bytes that has arrived."""


class _Bar(Show):
    """A bar with bytes, speed and time left; each notice is a line above it."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.task: TaskID | None = None
        self.total_bytes = 0

    def tell(self, notice: Notice) -> None:
        self.bars.console.print(notice_text(notice), markup=False, highlight=False, soft_wrap=True)
        if notice.code == "model.download":
            self._close()
            self.total_bytes = int(notice.details["size_bytes"])
            self.task = self.bars.add_task(str(notice.details["name"]), total=self.total_bytes)

    def advance(self, fraction: float) -> None:
        if self.task is not None:
            self.bars.update(self.task, completed=round(fraction * self.total_bytes))
        if fraction >= 1.0:
            self._close()

    def _close(self) -> None:
        if self.task is not None:
            self.bars.remove_task(self.task)
            self.task = None


@contextmanager
def shown(*, quiet: bool) -> Iterator[Show]:
    """How a download is shown, on standard error."""
    if quiet:
        yield Show()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _as_fields(known: Entry, found: Located | None) -> dict[str, Any]:
    return {
        "name": known.name,
        "aliases": known.aliases,
        "task": known.task,
        "form": known.form,
        "engine": known.engine,
        "languages": known.languages or "many",
        "size_mb": known.size_mb,
        "licence": known.licence,
        "attribution": known.attribution,
        "gated": known.is_gated,
        "sources": [str(source) for source in known.sources],
        "path": found.path if found else None,
        "disk_bytes": folder_size(found.path) if found else None,
    }


def _print_table(rows: list[tuple[Entry, Located | None]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("model", "engine", "languages", "MB", "licence", "on this machine"):
        numeric = heading == "MB"
        table.add_column(
            translate(heading), justify="right" if numeric else "left", overflow="fold"
        )
    for known, found in rows:
        size = folder_size(found.path) / MB if found else known.size_mb
        languages = " ".join(known.languages[:3]) + (" ..." if len(known.languages) > 3 else "")
        licence = known.licence + (" " + translate("(needs an account)") if known.is_gated else "")
        table.add_row(
            known.name,
            known.engine,
            languages or translate("many"),
            f"{size:.0f}" if size >= 1 else f"{size:.1f}",
            licence,
            str(found.path) if found else "-",
        )
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 200  # piped output has no width of its own
    console.print(table)


def _print_story(story: Story) -> None:
    for place in story.places:
        click.echo(f"{place.setting}: {place.folder}")
        looks = [look for look in story.looks if look.place == place]
        for look in looks:
            mark = "*" if look.usable else "-"
            click.echo(f"  {mark} {look.content.path}: {look.verdict}")
        if not looks:
            click.echo("  " + translate("nothing"))
    winner = story.winner
    if winner is not None:
        click.echo(translate("Used: {path}").format(path=winner.path))
        return
    click.echo(translate("Not on this machine: stenograf models pull {name}").format(
        name=story.entry.name))  # fmt: skip
    if story.convertible is not None:
        click.echo(
            translate("Or without a download: stenograf models convert {path}").format(
                path=story.convertible.content.path
            )
        )


def _story_fields(story: Story) -> dict[str, Any]:
    winner = story.winner
    return {
        "name": story.entry.name,
        "path": winner.path if winner else None,
        "places": [
            {
                "kind": place.kind,
                "setting": place.setting,
                "folder": place.folder,
                "found": [
                    {
                        "path": look.content.path,
                        "form": look.content.form,
                        "usable": look.usable,
                        "verdict": look.verdict,
                    }
                    for look in story.looks
                    if look.place == place
                ],
            }
            for place in story.places
        ],
    }
