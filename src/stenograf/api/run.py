"""A server from its settings: services, workers and housekeeping around the application."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from socket import socket
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI

from stenograf.api.server import create_app
from stenograf.api.setup import gate, opened, reach
from stenograf.api.workforce import Workforce
from stenograf.core.errors import OptionError, StenografError
from stenograf.jobs import EmbeddedQueue
from stenograf.library import Library, open_library
from stenograf.settings import Settings
from stenograf.webhooks import Courier, Webhooks

if TYPE_CHECKING:
    import uvicorn

HOUSEKEEPING_S: Final = 600.0
DAY_S: Final = 86_400.0
ENDED_KEPT_S: Final = 30 * DAY_S
"""How long is known what webhooks were told, and what became of installations."""

GRACE_S: Final = 10
LOOK_S: Final = 0.02

log = logging.getLogger(__name__)


@contextmanager
def serving(settings: Settings, *, host: str) -> Iterator[FastAPI]:
    """The application with its workers at work, until the block is left.

    Raises OptionError for a server without a token on an address that others can reach.
    """
    from stenograf.workers import supervisor

    url = settings.database_url
    with ExitStack() as stack:
        library = stack.enter_context(
            open_library(settings.library_dir, database_url=url.get_secret_value() if url else None)
        )
        admits = gate(settings, library, host=host)
        workers = supervisor(library, settings, n_workers=settings.workers)
        workforce = stack.enter_context(Workforce(workers, settings.library_dir))
        stack.enter_context(_housekeeping(library, settings.retention_days))
        stack.enter_context(_couriers(library, settings))
        services = opened(settings, library, admits, workers_alive=workforce.n_alive)
        services.models_ready()  # looked for before the first request asks
        yield create_app(services)


def run(
    settings: Settings,
    *,
    host: str,
    port: int,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until SIGTERM or Ctrl-C; `on_ready` gets the address when requests are taken.

    Requests under way have 10 s to end; jobs in hand are given back to the queue. Raises
    OptionError where the address cannot be listened on.
    """
    import uvicorn

    with serving(settings, host=host) as app:
        config = uvicorn_config(app, host=host, port=port)
        listener = _listening(config)
        address = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(config)
        with _told_when_started(server, f"http://{address}:{listener.getsockname()[1]}", on_ready):
            # uvicorn raises the signal that ended it once more; there is still work to give back.
            signal.signal(signal.SIGTERM, lambda *_: None)
            _leave_out_of_collections()
            server.run(sockets=[listener])


def _leave_out_of_collections() -> None:
    """What is here now stays for good: looking it over takes 0.1 s, and every request waits."""
    gc.collect()
    gc.freeze()


def uvicorn_config(app: FastAPI, *, host: str, port: int) -> uvicorn.Config:
    """How the application is served, and what is left to it: its log, and whom it believes."""
    import uvicorn

    from stenograf.api.connections import Connection

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        http=Connection,  # h11: httptools sets no limit to headers
        ws="none",  # there are none, and uvicorn logs their addresses whole, tokens and all
        h11_max_incomplete_event_size=64 * 1024,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,  # Forwarded reads them
    )


@contextmanager
def _told_when_started(
    server: uvicorn.Server, address: str, on_ready: Callable[[str], None]
) -> Iterator[None]:
    """Tell the address as soon as connections are taken."""
    ended = threading.Event()

    def wait() -> None:
        while not server.started:
            if ended.wait(LOOK_S):
                return
        on_ready(address)

    watch = threading.Thread(target=wait, name="ready", daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()


def _listening(config: uvicorn.Config) -> socket:
    """A socket at the address; raises OptionError where nobody can listen."""
    try:
        return config.bind_socket()
    except SystemExit:
        raise OptionError(
            "Nobody can listen on {host}:{port}.",
            hint="Another program may have the port; choose one with --port.",
            host=config.host,
            port=config.port,
        ) from None


@contextmanager
def _couriers(library: Library, settings: Settings) -> Iterator[None]:
    """Carries events to webhooks; several servers share the deliveries."""
    ended = threading.Event()
    courier = Courier(library.engine, reach=reach(settings))
    thread = threading.Thread(target=courier.run, args=(ended,), name="couriers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _housekeeping(library: Library, retention_days: float | None) -> Iterator[None]:
    """Removes what crashes left behind and what is too old, now and every ten minutes."""
    ended = threading.Event()

    def work() -> None:
        while True:
            try:
                if retention_days is not None:
                    library.delete_older_than(retention_days * DAY_S)
                library.delete_expired()
                Webhooks(library.engine).forget_older_than(ENDED_KEPT_S)
                EmbeddedQueue(library.engine).forget_older_than(ENDED_KEPT_S)
                library.sweep()  # last, so that no word of what was just deleted stays
            except StenografError as error:
                log.warning("housekeeping: %s", error)
            if ended.wait(HOUSEKEEPING_S):
                return

    thread = threading.Thread(target=work, name="housekeeping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
