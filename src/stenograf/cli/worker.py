"""`stenograf worker`: processes that do the jobs of a library."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from stenograf.cli.keys import data_dir_option, library_in
from stenograf.messages import translate
from stenograf.settings import Settings


@click.command(short_help="Do the jobs of a server that waits for workers.")
@click.option(
    "--workers",
    "-n",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Processes; as many jobs are done at once.",
)
@data_dir_option
@click.option("--supervised", metavar="NAME", hidden=True)
def worker(workers: int | None, data_dir: Path | None, supervised: str | None) -> None:
    """Do the jobs of a server started with `--workers 0`, until Ctrl-C or SIGTERM.

    Jobs in hand are given back then. `stenograf serve` starts workers by itself.
    """
    settings = Settings()
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir, "database_url": None})
    with library_in(data_dir) as library:
        from stenograf import workers as wiring
        from stenograf.jobs.presence import Presence, Telling

        if supervised is not None:
            wiring.be_worker(library, settings, supervised)
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        n_workers = workers or max(1, settings.workers)
        processes = wiring.supervisor(library, settings, n_workers=n_workers)
        presence = Presence(settings.library_dir, lambda: processes.n_alive)
        with processes, Telling(presence):
            told = translate("Waiting for jobs in {folder}; Ctrl-C ends it.")
            click.echo(told.format(folder=settings.library_dir), err=True)
            while not stop.wait(1.0):
                pass
