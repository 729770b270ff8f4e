"""Requests as curl, PowerShell and .NET send them from Windows, byte by byte."""

from __future__ import annotations

import base64
import json
import random

import pytest
from tests.api.conftest import Server

from stenograf.api.form_text import file_name

NAME = "Звонок клиенту.mp3"
BOUNDARY = "----------------------------9051914041544843365972754266"


def _form(sound: bytes, disposition: bytes, **fields: bytes) -> tuple[bytes, dict[str, str]]:
    """A body with a file whose Content-Disposition is given, and its header."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value
        for name, value in fields.items()
    ]
    head = b"\r\nContent-Type: application/octet-stream\r\n\r\n"
    parts.append(f"--{BOUNDARY}\r\n".encode() + disposition + head + sound)
    body = b"\r\n".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
    return body, {"content-type": f'multipart/form-data; boundary="{BOUNDARY}"'}


def _percent(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


WORD = "=?utf-8?B?" + base64.b64encode(NAME.encode()).decode() + "?="
STAR = b"filename*=utf-8''" + _percent(NAME)


@pytest.mark.parametrize(
    "named",
    [
        b'name="file"; filename="' + NAME.encode() + b'"',  # curl, browsers
        b'name="file"; filename="' + NAME.encode("cp1251") + b'"',  # curl.exe of Windows
        b'name="file"; filename="C:\\calls\\' + NAME.encode("cp1251") + b'"',
        b'name="file"; filename="C:\\\\calls\\\\' + NAME.encode() + b'"',  # escaped by curl
        b'name=file; filename="' + WORD.encode() + b'"; ' + STAR,  # PowerShell -Form
        b'name=file; filename="' + WORD.encode() + b'"',
        b'name="file"; ' + STAR,  # urllib3 before 1.25
        b"name=\"file\"; filename*=UTF-8'ru'" + _percent(NAME) + b'; filename="call.mp3"',
        b"name=\"file\"; filename*=windows-1251''"
        + b"".join(b"%%%02x" % byte for byte in NAME.encode("cp1251")),
    ],
)
def test_a_russian_file_name_survives(server: Server, sound: bytes, named: bytes) -> None:
    """In each form that a client gives it; folders of the sender are no part of it."""
    body, headers = _form(sound, b"Content-Disposition: form-data; " + named)
    answer = server.client.post("/api/v1/recordings", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == NAME


def test_the_brief_s_powershell_request_is_answered(server: Server, sound: bytes) -> None:
    """Unquoted names, an encoded word and `filename*`: what Invoke-RestMethod -Form sends."""
    named = b'Content-Disposition: form-data; name=file; filename="' + WORD.encode() + b'"; ' + STAR
    body, headers = _form(sound, named)
    answer = server.client.post("/diarize", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["duration"] == 4.0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_text_fields_come_in_any_encoding_of_windows(
    server: Server, sound: bytes, encoding: str
) -> None:
    """As `-F "prompt=<prompt.txt"` sends what Notepad and PowerShell wrote, last line and all."""
    fields = {"model": b"whisper-1", "language": "ru\r\n".encode(encoding)}
    prompt = "Протокол совещания\r\n".encode(encoding)
    body, headers = _form(
        sound, b'Content-Disposition: form-data; name="file"; filename="a.wav"',
        **fields, prompt=prompt, num_speakers="2\r\n".encode(encoding),
    )  # fmt: skip
    answer = server.client.post("/v1/audio/transcriptions", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    (options,) = server.work.seen
    assert (options["language"], options["prompt"]) == ("ru", "Протокол совещания")
    assert options["speakers"] == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_comes_with_a_mark_of_byte_order(server: Server, encoding: str) -> None:
    """As Out-File writes it; another code page is refused by name, not guessed."""
    asked = json.dumps({"name": "Лавка", "scopes": ["read"]}, ensure_ascii=False)
    headers = {"content-type": "application/json"}
    made = server.client.post("/api/v1/keys", content=asked.encode(encoding), headers=headers)
    assert made.json()["key"]["name"] == "Лавка"
    wrong = server.client.post("/api/v1/keys", content=asked.encode("cp1251"), headers=headers)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'form-data; name="file"; filename="=?utf-8?B?!?="', "=?utf-8?B?!?="),
        (b'form-data; name="file"; filename="=?none?B?0LA=?="', "=?none?B?0LA=?="),
        (b"form-data; name=file; filename*=none''%d0%b0", "а"),
        (b"form-data; name=file; filename*=utf-8''%ff%fe", ""),
        (b'form-data; name="file"; filename="r\xe9sum\xe9.mp3"', "résumé.mp3"),
        (b'form-data; name="file"; filename=""', ""),
        (b'form-data; name="prompt"', None),
        (b"", None),
    ],
)
def test_names_that_are_broken_are_still_names(disposition: bytes, name: str | None) -> None:
    """Nothing in a header ends a request that has its file."""
    assert file_name(disposition) == name


def test_no_bytes_of_a_header_are_a_fault() -> None:
    """Whatever they are: a name, or none."""
    chance = random.Random(0)
    given = (WORD.encode(), STAR, b'name="a\\"b"; filename="c"')
    for _ in range(3000):
        disposition = bytearray(b'form-data; filename="' + chance.choice(given) + b'"; x=y')
        for _ in range(chance.randrange(6)):
            disposition[chance.randrange(len(disposition))] = chance.randrange(256)
        assert isinstance(file_name(bytes(disposition)), str | None)
