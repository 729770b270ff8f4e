"""Whether the other side can be reached, told within a bounded time."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

HUB: Final = "https://huggingface.co"
PATIENCE_S: Final = 1.5
"""How long a name lookup and a connection may take before there is "no network"."""

_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


def hub_endpoint(environment: Mapping[str, str] = os.environ) -> str:
    """The hub or the mirror that `HF_ENDPOINT` names."""
    return (environment.get("HF_ENDPOINT") or HUB).rstrip("/")


def offline_by_environment(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the hub's own switch forbids the network."""
    switches = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(environment.get(name, "").upper() in {"1", "ON", "YES", "TRUE"} for name in switches)


def unreachable(url: str, *, patience_s: float = PATIENCE_S) -> str | None:
    """Why the host of `url`, or the proxy before it, cannot be reached; None if it can.

    The lookup runs in a thread, because nothing else can bound a name server that never answers.
    """
    host, port = _first_hop(url)
    outcome: list[str | None] = []

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=patience_s).close()
            outcome.append(None)
        except OSError as fault:
            outcome.append(f"{host}: {fault.strerror or fault}")

    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(patience_s)
    return outcome[0] if outcome else f"{host}: no answer within {patience_s:g} s"


def _first_hop(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(host):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or host, parts.port or _PORTS.get(parts.scheme, 443)
