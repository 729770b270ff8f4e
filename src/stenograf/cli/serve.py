"""`stenograf serve`: everything behind one address."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import click

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import EngineUnavailableError
from stenograf.messages import translate


@click.command(short_help="The HTTP server, with its workers.")
@click.option("--host", metavar="ADDRESS", help="Address to listen on; 127.0.0.1 unless given.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="Port; 0 takes a free one."
)
@click.option("--workers", type=click.IntRange(0, 64), metavar="N", help="Worker processes.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the library."
)
@click.option(
    "--offline",
    is_flag=True,
    default=None,
    help="Never open a network connection that leaves this machine.",
)
@click.option("--verbose", "-v", is_flag=True, help="Log every request on standard error.")
def serve(*, verbose: bool, **given: Any) -> None:
    """Serve the HTTP contracts: /diarize, /v1/audio, /asr, /api/v1 and others (see /docs).

    Each option is also a setting (STENOGRAF_HOST, ...). Without a token (STENOGRAF_TOKEN) the
    server listens on this machine only, and is open to its programs until a key is made.
    """
    from stenograf.settings import Settings

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    asked = {name: value for name, value in given.items() if value is not None}
    start(Settings(**asked))


def start(settings: Any, *, host: str | None = None, port: int | None = None) -> None:
    """Serve until somebody stops it; `host` and `port` outweigh the settings."""
    try:
        from stenograf.api.run import run
    except ModuleNotFoundError as error:
        raise EngineUnavailableError(
            "The server needs the package {package}.",
            hint=INSTALL_EXTRA,
            extra=with_extra("server"),
            package=error.name,
        ) from error

    def ready(address: str) -> None:
        click.echo(
            translate("Listening on {address}, docs at {address}/docs").format(address=address),
            err=True,
        )

    run(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        on_ready=ready,
    )
