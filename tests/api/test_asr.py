"""whisper-asr-webservice."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.api.conftest import TOKEN, Server

from stenograf.core.evidence import SpeakerEvidence, half, times
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarization, OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import Waveform, duration_s
from stenograf.testing.fakes import FakeDiarizer

WORDS = "so it goes so it goes so"


class RememberingDiarizer(FakeDiarizer):
    """Keeps a voice for each turn: one axis per speaker."""

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """The fake turns, with evidence."""
        found = super().diarize(audio, speech, options, on_progress=on_progress)
        spans = times([turn.span for turn in found.turns])
        voices = np.eye(4)[[int(turn.speaker[-1]) for turn in found.turns]]
        evidence = SpeakerEvidence(
            "fake", "axes", duration_s(audio), spans, spans, half(3 * voices)[:, None]
        )
        return replace(found, evidence=evidence)


@pytest.mark.parametrize(
    ("output", "begin"),
    [
        ("txt", "so it goes"),
        ("vtt", "WEBVTT"),
        ("srt", "1\n"),
        ("tsv", "start\tend\ttext\n0\t"),
        ("json", '{"text"'),
    ],
)
def test_every_output_comes_as_documented(
    server: Server, sound: bytes, output: str, begin: str
) -> None:
    """The body, the engine's name and a file name with the right end."""
    answer = server.client.post(
        f"/asr?output={output}&language=en", files={"audio_file": ("запись.wav", sound)}
    )
    assert answer.status_code == 200
    assert answer.text.startswith(begin)
    assert "asr-engine" in answer.headers
    assert answer.headers["content-disposition"].endswith(f".{output}")


def test_json_has_words_and_speakers_when_asked(server: Server, sound: bytes) -> None:
    """As Whisper's own result, with a speaker for each part and word."""
    answer = server.client.post(
        "/asr?output=json&word_timestamps=true&diarize=true&min_speakers=2",
        files={"audio_file": ("a.wav", sound)},
    )
    body = answer.json()
    assert body["text"] == WORDS
    assert body["language"] == "en"
    assert [part["speaker"] for part in body["segments"]] == ["SPEAKER_00", "SPEAKER_01"]
    assert body["segments"][0]["words"][0]["word"] == "so"


VOICES = "/asr?output=json&diarize=true&return_speaker_embeddings=true"


def test_voices_come_when_asked(server: Server, sound: bytes) -> None:
    """A vector of length one for each speaker, where the engine keeps voices."""
    server.work.diarizer = RememberingDiarizer()
    answer = server.client.post(VOICES, files={"audio_file": ("a.wav", sound)})
    voices = {"SPEAKER_00": [1.0, 0.0, 0.0, 0.0], "SPEAKER_01": [0.0, 1.0, 0.0, 0.0]}
    assert answer.json()["speaker_embeddings"] == voices
    unasked = server.client.post(VOICES[:-4] + "false", files={"audio_file": ("a.wav", sound)})
    assert "speaker_embeddings" not in unasked.json()


def test_an_engine_without_voices_gives_none(server: Server, sound: bytes) -> None:
    """The key is absent, as in that service with an engine that has none."""
    answer = server.client.post(VOICES, files={"audio_file": ("a.wav", sound)})
    assert answer.status_code == 200
    assert "speaker_embeddings" not in answer.json()


def test_bare_samples_are_taken_with_encode_false(server: Server, sound: bytes) -> None:
    """s16le, mono, 16 kHz, without any header."""
    answer = server.client.post(
        "/asr?encode=false&output=txt", files={"audio_file": ("audio.raw", sound[44:])}
    )
    assert answer.text.split() == WORDS.split()


def test_a_wrong_query_is_refused(server: Server, sound: bytes) -> None:
    """With a `detail`, as that service words errors."""
    files = {"audio_file": ("a.wav", sound)}
    for query in ("output=docx", "min_speakers=0", "task=sing", "min_speakers=3&max_speakers=2"):
        answer = server.client.post(f"/asr?{query}", files=files)
        assert answer.status_code in {400, 422}
        assert isinstance(answer.json()["detail"], str)


def test_the_language_is_detected(server: Server, sound: bytes) -> None:
    """Name, code and how sure."""
    answer = server.client.post("/detect-language", files={"audio_file": ("a.wav", sound)})
    assert answer.json() == {
        "detected_language": "english",
        "language_code": "en",
        "confidence": 1.0,
    }


def _basic(user: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


@pytest.mark.parametrize("user", ["", "bazarr", "пользователь"])
def test_the_token_may_come_as_a_password(server: Server, sound: bytes, user: str) -> None:
    """Whatever the user name: clients of that service know Basic or nothing."""
    key = server.library.create_key("bazarr", ["transcribe"])[1]
    for password in (TOKEN, key):
        for path in ("/asr", "/detect-language"):
            answer = server.client.post(
                path, files={"audio_file": ("a.wav", sound)}, headers=_basic(user, password)
            )
            assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "headers",
    [
        _basic("a", TOKEN[:-1]),
        _basic(TOKEN, ""),
        _basic("a:", TOKEN),
        {"authorization": "Basic !"},
        {"authorization": "Basic"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
    ],
    ids=str,
)
def test_a_wrong_password_is_refused(server: Server, sound: bytes, headers: dict[str, str]) -> None:
    """401 with both ways to come in; the token is nothing but the password."""
    answer = server.client.post("/asr", files={"audio_file": ("a.wav", sound)}, headers=headers)
    assert (answer.status_code, set(answer.json())) == (401, {"detail"})
    assert answer.headers["www-authenticate"].startswith("Bearer, Basic ")


@pytest.mark.parametrize(
    "path", ["/diarize", "/api/diarize", "/v1/audio/transcriptions", "/api/v1/recordings"]
)
def test_no_other_contract_takes_passwords(server: Server, path: str) -> None:
    """A browser that keeps a password sends it with requests of other people's pages, too."""
    answer = server.client.post(path, files={"file": b"x"}, headers=_basic("a", TOKEN))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
