"""The application as WSGI, for gunicorn: any number of its processes share one set of workers."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, Final

from a2wsgi import ASGIMiddleware

from stenograf.api.run import serving
from stenograf.core.errors import OptionError
from stenograf.settings import Settings

ANYWHERE: Final = "0.0.0.0"  # noqa: S104  gunicorn binds, and may bind to anything


class Wsgi:
    """Starts the services with the first request, so that forks made before share nothing.

    Raises OptionError at once without a token: nobody here knows what gunicorn will listen on.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.token is None:
            raise OptionError(
                "Under gunicorn the server needs a token.",
                hint="Set DIARIZATION_TOKEN, for example to what `openssl rand -hex 32` prints.",
            )
        self._settings = settings
        self._starting = threading.Lock()
        self._app: Any = None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        with self._starting:
            if self._app is None:
                self._app = self._started()
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def _started(self) -> ASGIMiddleware:
        stack = ExitStack()
        app = stack.enter_context(serving(self._settings, host=ANYWHERE))
        atexit.register(stack.close)
        return ASGIMiddleware(app)  # type: ignore[arg-type]  # its own, equal types of ASGI
