"""A server's parts, made from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from time import monotonic
from typing import Any, Final

import numpy as np
from pydantic import SecretStr

from stenograf import app, isolation
from stenograf.api.auth import Gate
from stenograf.api.origin import origins
from stenograf.api.proxies import networks
from stenograf.api.services import MB, Limits, Services
from stenograf.api.shelf import ModelShelf, Readiness
from stenograf.api.watching import JobWatch
from stenograf.audio.decode import Decode, decode
from stenograf.core.errors import OptionError, StenografError
from stenograf.isolation import BY_DESCRIPTOR, IsolatedDecoder
from stenograf.jobs import EmbeddedQueue
from stenograf.library import Library
from stenograf.network.requests import Reach
from stenograf.pipeline import TranscribeOptions
from stenograf.settings import Settings
from stenograf.webhooks import Webhooks

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MIN_TOKEN: Final = 8
KEYS_KNOWN_S: Final = 2.0
IMPORT_S: Final = 3600.0
"""How long a recording may take to be fetched by its URL."""

DECODER_IDLE_S: Final = 30.0
"""How long the process that decodes for the page's waveforms waits for the next one."""


def opened(
    settings: Settings, library: Library, admits: Gate, *, workers_alive: Callable[[], int]
) -> Services:
    """Services over an open library."""
    queue = EmbeddedQueue(library.engine, max_waiting=settings.max_waiting)
    return Services(
        library=library,
        queue=queue,
        gate=admits,
        watch=JobWatch(queue),
        shelf=shelf(settings),
        webhooks=Webhooks(library.engine, reach=reach(settings)),
        workers_alive=workers_alive,
        models_ready=Readiness(can_diarize),
        fetch=fetch,
        peaks=partial(peaks, library, _decoding(settings)),
        has_language_model=bool(settings.llm_url and settings.llm_model),
        limits=Limits(
            max_upload_bytes=settings.max_upload_mb * MB,
            max_diarize_bytes=settings.max_diarize_mb * MB,
            max_requests=settings.max_requests,
            max_streams=settings.max_streams,
        ),
        imports=replace(reach(settings), silence_s=30.0, total_s=IMPORT_S),
        origins=origins(settings.origins),
        proxies=networks(settings.trusted_proxies),
    )


def gate(settings: Settings, library: Library, *, host: str) -> Gate:
    """Admits by the token of the settings and the keys of the library.

    Raises OptionError for a server without a token on an address that others can reach.
    """
    token = settings.token.get_secret_value() if settings.token else ""
    if token and len(token) < MIN_TOKEN:
        raise OptionError("A token of fewer than {n} characters can be guessed.", n=MIN_TOKEN)
    if not token and host not in LOOPBACK:
        raise OptionError(
            "Without a token the server listens on this machine only, not on {host}.",
            hint="Set STENOGRAF_TOKEN, for example to what `openssl rand -hex 32` prints.",
            host=host,
        )
    if token:
        return Gate([token], library.find_key, is_open=lambda: False)
    return Gate([], library.find_key, is_open=Unlocked(library))


class Unlocked:
    """Whether nobody ever made a key; looked at every two seconds.

    One that was revoked counts: taking back the last key shall not let everybody in.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known, self._until = False, 0.0

    def __call__(self) -> bool:
        """True until somebody makes a key."""
        if monotonic() >= self._until:
            self._known = not self._library.keys()
            self._until = monotonic() + KEYS_KNOWN_S
        return self._known


def reach(settings: Settings) -> Reach:
    """Which addresses webhooks and imports may lead to."""
    return Reach(allow_private=settings.allow_private_networks)


def shelf(settings: Settings) -> ModelShelf:
    """The models of this machine, as the settings find them."""
    token = settings.hf_token
    return ModelShelf(
        app.places_from(settings),
        token=lambda: token.get_secret_value() if token else None,
        offline=settings.offline,
    )


def can_diarize() -> bool:
    """Whether the default diarizer is here, without fetching anything."""
    try:
        app.fetch(TranscribeOptions(offline=True), recognize=False)
    except StenografError:
        return False
    return True


def fetch(options: Mapping[str, Any], token: str) -> None:
    """Bring the models these options need with somebody's own hub token, and forget it."""
    app.fetch(TranscribeOptions(**options), token=SecretStr(token))


def _decoding(settings: Settings) -> Decode:
    """Decoding in a process of its own where the system allows it: the server must not crash.

    A few kilobytes may hold years of sound, so it stops where the workers would.
    """
    longest_s = settings.max_duration_h * 3600
    if not BY_DESCRIPTOR:
        return partial(decode, max_duration_s=longest_s)
    decoder = IsolatedDecoder(limits=isolation.Limits(idle_s=DECODER_IDLE_S))
    return partial(decoder.decode, max_duration_s=longest_s)


def peaks(library: Library, decode: Decode, recording_id: str, n: int) -> list[float]:
    """The loudest sample in each of n equal parts of a recording, in [0, 1]."""
    with library.audio_file(recording_id) as path, decode(path) as decoded:
        edges = np.linspace(0, len(decoded.audio), n + 1).astype(int)
        loudest = [
            float(np.abs(decoded.audio[start:end]).max()) if end > start else 0.0
            for start, end in pairwise(edges)
        ]
    return [round(min(1.0, each), 4) for each in loudest]
