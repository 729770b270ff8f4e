"""The diarization service of the brief."""

from __future__ import annotations

import pytest
from tests.api.conftest import Server

from stenograf.core.errors import ModelMissingError


def test_turns_come_in_the_documented_shape(server: Server, sound: bytes) -> None:
    """`speakers` holds turns in order of start, numbered by first speech, beside the duration."""
    answer = server.client.post("/diarize", files={"file": ("call.wav", sound)})
    assert answer.status_code == 200
    assert answer.json() == {
        "speakers": [
            {"speaker": "SPEAKER_00", "start": 0.0, "end": 2.0},
            {"speaker": "SPEAKER_01", "start": 2.5, "end": 4.0},
        ],
        "duration": 4.0,
    }


def test_nothing_of_a_request_stays_behind(server: Server, sound: bytes) -> None:
    """The recording and its job are gone when the answer is there."""
    server.client.post("/diarize", files={"file": ("call.wav", sound)})
    assert server.library.recordings().total == 0
    assert server.services.queue.list() == []


def test_the_number_of_speakers_reaches_the_engine(server: Server, sound: bytes) -> None:
    """The optional form fields are the bounds of the diarizer."""
    data = {"num_speakers": "1"}
    answer = server.client.post("/diarize", files={"file": ("a.wav", sound)}, data=data)
    assert {turn["speaker"] for turn in answer.json()["speakers"]} == {"SPEAKER_00"}


def test_bounds_that_contradict_each_other_are_refused(server: Server, sound: bytes) -> None:
    """With a hint for those who call over HTTP and have no --help."""
    bounds = {"min_speakers": "5", "max_speakers": "2"}
    answer = server.client.post("/diarize", files={"file": ("a.wav", sound)}, data=bounds)
    assert answer.status_code == 422
    assert "5" in answer.json()["error"]
    assert "/docs" in answer.json()["error"]


def test_a_request_without_a_file_is_refused_in_the_documented_words(server: Server) -> None:
    """400 with `No file uploaded`, whatever the body is."""
    empty = server.client.post("/diarize")
    wrong_field = server.client.post("/diarize", files={"recording": ("a.wav", b"x")})
    as_json = server.client.post("/diarize", json={"file": "a.wav"})
    for answer in (empty, wrong_field, as_json):
        assert (answer.status_code, answer.json()) == (400, {"error": "No file uploaded"})


def test_an_empty_file_is_refused(server: Server) -> None:
    """400 with a sentence."""
    answer = server.client.post("/diarize", files={"file": ("a.wav", b"")})
    assert answer.status_code == 400
    assert "empty" in answer.json()["error"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic YTpi", f"Token {'x' * 9}"])
def test_a_wrong_or_missing_token_is_refused(server: Server, sound: bytes, header: str) -> None:
    """401, before the file is looked at."""
    headers = {"authorization": header}
    answer = server.client.post("/diarize", files={"file": ("a.wav", sound)}, headers=headers)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error"}
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_body_over_the_limit_is_refused(server: Server) -> None:
    """413, announced or not."""
    big = b"x" * 400_000
    announced = server.client.post("/diarize", files={"file": ("a.wav", big)})
    boundary = "frontier"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    chunked = server.client.post(
        "/diarize",
        content=iter([head.encode(), *[b"x" * 50_000] * 8]),
        headers={"content-type": f"multipart/form-data; boundary={boundary}"},
    )
    assert [announced.status_code, chunked.status_code] == [413, 413]
    assert "MB" in announced.json()["error"]


def test_what_is_no_sound_is_refused_with_a_reason(server: Server) -> None:
    """415, with the decoder's own sentence."""
    answer = server.client.post("/diarize", files={"file": ("a.mp3", b"<html>" * 100)})
    assert answer.status_code == 415
    assert "holds no sound" in answer.json()["error"]


def test_a_missing_model_says_how_to_get_it(server: Server, sound: bytes) -> None:
    """503 with the hint of the error, and when to come again."""
    server.work.error = ModelMissingError("There is no {name}.", hint="Bring it.", name="ge2e")
    answer = server.client.post("/diarize", files={"file": ("a.wav", sound)})
    assert (answer.status_code, answer.json()) == (503, {"error": "There is no ge2e. Bring it."})
    assert answer.headers["retry-after"].isdigit()


def test_braces_in_what_failed_are_shown_as_they_are(server: Server, sound: bytes) -> None:
    """A message that crossed the queue is text, not a template."""
    server.work.error = ModelMissingError("There is no {name}.", hint="{{}}", name="{0}{huge:9}")
    answer = server.client.post("/diarize", files={"file": ("a.wav", sound)})
    assert answer.json()["error"].startswith("There is no {0}{huge:9}.")


def test_health_needs_no_token(server: Server) -> None:
    """It says that the server lives and whether it could work."""
    answer = server.client.get("/health", headers={"authorization": ""})
    assert answer.json() == {"status": "healthy", "model_loaded": True}
