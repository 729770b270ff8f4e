"""What docs/webhooks.md tells receivers to do."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stenograf.webhooks import EVENTS
from stenograf.webhooks.courier import WAITS_S
from stenograf.webhooks.signing import new_secret, signed_headers

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BODY = '{"type": "ping", "data": {"имя": 1}}'.encode()
Check = Callable[[str, dict[str, str], bytes], bool]


def block(language: str, beginning: str) -> str:
    """The first block of that language that holds `beginning`."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(next(text for text in found if beginning in text))


def in_python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    names: dict[str, Any] = {}
    exec(block("python", "is_genuine"), names)  # noqa: S102  (our own page)
    return bool(names["is_genuine"](secret, headers, body))


def in_php(secret: str, headers: dict[str, str], body: bytes) -> bool:
    script = block("php", "is_genuine") + (
        "[$secret, $headers, $body] = json_decode(stream_get_contents(STDIN), true);"
        "echo is_genuine($secret, $headers, $body) ? 'yes' : 'no';"
    )
    done = subprocess.run(
        ["php", "-r", script],
        input=json.dumps([secret, headers, body.decode()]).encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout in {b"yes", b"no"}, done.stdout
    return done.stdout == b"yes"


@pytest.mark.parametrize("check", [in_python, pytest.param(in_php, marks=pytest.mark.e2e)])
def test_the_check_on_the_page_takes_ours_and_nothing_else(check: Check) -> None:
    """A changed body, id, time or secret, and a request from yesterday, are refused."""
    secret, now = new_secret(), int(time.time())
    headers = signed_headers(secret, "id", now, BODY)
    assert check(secret, headers, BODY)
    assert check(
        secret, headers | {"webhook-signature": "v1,x " + headers["webhook-signature"]}, BODY
    )
    assert not check(secret, headers, BODY + b" ")
    assert not check(secret, headers | {"webhook-id": "other"}, BODY)
    assert not check(secret, headers | {"webhook-timestamp": str(now + 1)}, BODY)
    assert not check(new_secret(), headers, BODY)
    assert not check(secret, signed_headers(secret, "id", now - 90_000, BODY), BODY)


def test_the_page_names_every_event_and_wait() -> None:
    """The tables agree with the code."""
    assert all(f"| `{event}` |" in PAGE for event in EVENTS)
    assert list(WAITS_S) == [5.0, 30.0, 120.0, 600.0, 3600.0, 4 * 3600.0, 12 * 3600.0]
    assert "5 s, 30 s, 2 min, 10 min, 1 h, 4 h and 12 h" in PAGE
