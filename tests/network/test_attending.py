"""Long requests with somebody beside them."""

from __future__ import annotations

import socket
import threading

import pytest

from stenograf.core.errors import AddressUnreachableError, CancelledError
from stenograf.network import Reach, Stop, attended, attending, pause, request


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "LOOK_S", 0.01)


def cancel() -> None:
    raise CancelledError("Stopped.")


def test_the_result_comes_through() -> None:
    """What the work gives, or what it raises, as if it had been done here."""
    assert attended(lambda _: 42, on_wait=cancel) == 42

    def fail(_: Stop) -> None:
        raise AddressUnreachableError("Nobody knows the host {host}.", host="x")

    with pytest.raises(AddressUnreachableError):
        attended(fail, on_wait=lambda: None)


def test_a_server_that_says_nothing_is_left_when_somebody_stops() -> None:
    """The connection is closed while nothing has been answered, so the server may stop too."""
    ended = threading.Event()

    def ask(stop: Stop) -> None:
        reach = Reach(allow_private=True, silence_s=600.0, total_s=600.0, stop=stop)
        try:
            with request("POST", url, reach=reach, headers={}, body=b"x"):
                pass
        finally:
            ended.set()

    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        with pytest.raises(CancelledError):
            attended(ask, on_wait=cancel)
        connection, _ = mute.accept()
        with connection:
            while connection.recv(1000):
                pass
        assert ended.wait(60.0)


def test_a_pause_can_be_stopped() -> None:
    """Nobody waits out a minute that they do not want."""
    with pytest.raises(CancelledError):
        pause(60.0, on_wait=cancel)


def test_a_pause_waits() -> None:
    """Meanwhile it is asked again and again whether to go on."""
    asked: list[None] = []
    pause(0.05, on_wait=lambda: asked.append(None))
    assert len(asked) > 2
