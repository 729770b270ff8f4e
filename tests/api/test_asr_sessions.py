"""Sessions of whisper-asr-webservice's clients, byte for byte as their HTTP libraries send them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from tests.api.conftest import Server

SESSIONS: Final = sorted((Path(__file__).parent / "sessions").glob("*.json"))
SAID: Final = "so it goes"  # by the fake engine
KINDS: Final[dict[str, Any]] = {"text": str, "number": (int, float)}


def fits(value: Any, shape: Any) -> bool:
    """Whether JSON has a shape: names of kinds, objects with these keys or more, filled lists."""
    if isinstance(shape, dict):
        return value.keys() >= shape.keys() and all(fits(value[k], shape[k]) for k in shape)
    if isinstance(shape, list):
        return bool(value) and all(fits(each, shape[0]) for each in value)
    return isinstance(value, KINDS[shape])


def body_of(exchange: dict[str, Any], sound: bytes) -> bytes:
    """The form as it went over the wire, around our own sound."""
    kinds = {
        "wav": sound,
        "s16le": sound[44:],
        "s16le, cut in the middle of a sample": sound[44:-1],
    }
    boundary: bytes = exchange["headers"]["Content-Type"].partition("boundary=")[2].encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in exchange["part"].items())
    part = head.encode() + b"\r\n" + kinds[exchange["sound"]] + b"\r\n"
    return b"--" + boundary + b"\r\n" + part + b"--" + boundary + b"--\r\n"


def replayed(client: Any, path: Path, sound: bytes) -> list[str]:
    """The texts of a session's answers, each of which is as that service answers."""
    texts = []
    for exchange in json.loads(path.read_text("utf-8"))["exchanges"]:
        answer = client.request(
            exchange["method"],
            exchange["target"],
            headers=exchange["headers"],
            content=body_of(exchange, sound),
        )
        wanted = exchange["answer"]
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].partition(";")[0] == wanted["type"]
        assert re.match(wanted.get("begins", ""), answer.text)
        assert "shape" not in wanted or fits(answer.json(), wanted["shape"]), answer.text
        if exchange["target"].startswith("/asr"):
            assert answer.headers["asr-engine"]
            assert answer.headers["content-disposition"].startswith("attachment; filename")
        texts.append(answer.text)
    return texts


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_replays(open_server: Server, sound: bytes, path: Path) -> None:
    """Every request of another program's client is answered as that service answers."""
    texts = replayed(open_server.client, path, sound)
    assert all(SAID in text or "detected_language" in text for text in texts)
