"""People enrolled once are known again in other recordings."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Server
from tests.api.test_asr import RememberingDiarizer
from tests.api.test_native import _transcribed

V1 = "/api/v1"


@pytest.fixture
def remembering(server: Server) -> Server:
    """A server whose diarizer gives each speaker a voice of their own."""
    server.work.diarizer = RememberingDiarizer()
    return server


def _enrol(server: Server, sound: bytes, name: str = "Анна") -> Any:
    files = {"file": ("анна.wav", sound)}
    return server.client.post(f"{V1}/voices", data={"name": name}, files=files)


def _speakers(server: Server, id: str) -> list[str | None]:
    found = server.client.get(f"{V1}/recordings/{id}/speakers").json()
    return [each["name"] for each in found]


def test_who_is_enrolled_by_a_clip_is_named_elsewhere(remembering: Server, sound: bytes) -> None:
    """A version more, with a stranger left as they were; once more there is nothing to change."""
    made = _enrol(remembering, sound)
    assert made.status_code == 201
    [source] = made.json()["sources"]
    assert (source["file_name"], source["model"]) == ("анна.wav", "axes")
    assert "vector" not in made.text
    assert remembering.client.get(f"{V1}/voices").json() == [made.json()]
    assert remembering.library.recordings().total == 0
    id = _transcribed(remembering, sound)
    url = f"{V1}/recordings/{id}/speakers/identify"
    named = remembering.client.post(url).json()
    assert (named["version"], named["names"]) == (2, {"SPEAKER_00": "Анна"})
    assert _speakers(remembering, id) == ["Анна", None]
    again = remembering.client.post(url).json()
    assert (again["version"], again["names"]) == (2, {})


def test_a_name_given_by_hand_stays(remembering: Server, sound: bytes) -> None:
    """And is given to nobody else, whoever sounds like its bearer."""
    _enrol(remembering, sound)
    by_hand = _transcribed(remembering, sound)
    speakers = f"{V1}/recordings/{by_hand}/speakers"
    remembering.client.patch(f"{speakers}/SPEAKER_01", json={"name": "Анна"})
    assert remembering.client.post(f"{speakers}/identify").json()["names"] == {}
    remembering.client.patch(f"{speakers}/SPEAKER_00", json={"name": "Ольга"})
    remembering.client.patch(f"{speakers}/SPEAKER_01", json={"name": ""})
    assert remembering.client.post(f"{speakers}/identify").json()["names"] == {}
    assert _speakers(remembering, by_hand) == ["Ольга", None]


def test_a_speaker_of_a_transcript_is_enrolled_and_taken_back(
    remembering: Server, sound: bytes
) -> None:
    """The voice outlives the recording; without its last source nobody is named."""
    first, second = _transcribed(remembering, sound), _transcribed(remembering, sound)
    asked = {"name": "Boris", "recording_id": first, "speaker": "SPEAKER_00"}
    voice = remembering.client.post(f"{V1}/voices", json=asked).json()
    [source] = voice["sources"]
    assert (source["recording_id"], source["speaker"]) == (first, "SPEAKER_00")
    assert source["seconds"] == pytest.approx(2.0)
    remembering.client.delete(f"{V1}/recordings/{first}")
    undo = f"{V1}/voices/{voice['id']}/sources/{source['id']}"
    assert remembering.client.delete(undo).status_code == 204
    assert remembering.client.get(f"{V1}/voices").json() == []
    named = remembering.client.post(f"{V1}/recordings/{second}/speakers/identify").json()
    assert (named["version"], named["names"]) == (1, {})
    gone = remembering.client.delete(undo)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "library.voice_not_found")


def test_what_holds_no_voice_is_refused(remembering: Server, sound: bytes) -> None:
    """Silence, a speaker of 1.5 s, one who is not there; nothing is enrolled."""
    silence = sound[:44] + bytes(len(sound) - 44)
    quiet = _enrol(remembering, silence)
    assert (quiet.status_code, quiet.json()["error"]["code"]) == (422, "audio.voice_unclear")
    assert "Nobody speaks" in quiet.json()["error"]["message"]
    id = _transcribed(remembering, sound)
    codes = []
    for speaker in ("SPEAKER_01", "SPEAKER_07"):
        asked = {"name": "Boris", "recording_id": id, "speaker": speaker}
        codes.append(remembering.client.post(f"{V1}/voices", json=asked).json()["error"]["code"])
    assert codes == ["audio.voice_unclear", "option.invalid"]
    assert remembering.library.voices() == []


def test_without_kept_voices_nobody_is_enrolled_or_named(server: Server, sound: bytes) -> None:
    """The hints say what to do: the diarizer of these fakes keeps none."""
    id = _transcribed(server, sound)
    asked = {"name": "Boris", "recording_id": id, "speaker": "SPEAKER_00"}
    answers = [
        _enrol(server, sound),
        server.client.post(f"{V1}/voices", json=asked),
        server.client.post(f"{V1}/recordings/{id}/speakers/identify"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "engine.unsupported")
        assert answer.json()["error"]["hint"]


def test_voices_of_another_model_are_said_to_be_useless(remembering: Server, sound: bytes) -> None:
    """Instead of naming nobody without a word."""
    remembering.library.enrol_voice("Анна", model="ge2e", vector=[1.0, 0.0], seconds=9.0)
    id = _transcribed(remembering, sound)
    answer = remembering.client.post(f"{V1}/recordings/{id}/speakers/identify")
    assert answer.json()["error"]["code"] == "engine.unsupported"
    assert "axes" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "A", "recording_id": "x"}, {"name": "A", "clip": "data:"}],
    ids=str,
)
def test_an_enrolment_names_somebody_and_a_voice(server: Server, body: dict[str, str]) -> None:
    """In JSON and in a form alike."""
    assert server.client.post(f"{V1}/voices", json=body).status_code == 400
    nameless = server.client.post(f"{V1}/voices", files={"file": ("a.wav", b"x")})
    fileless = server.client.post(f"{V1}/voices", files={"name": (None, "Anna")})
    assert (nameless.status_code, fileless.status_code) == (400, 400)


def test_who_may_read_may_not_enrol(remembering: Server, sound: bytes) -> None:
    """Neither enrol nor delete nor name; a key for transcribing does not even see who is known."""
    voice = _enrol(remembering, sound).json()
    id = _transcribed(remembering, sound)
    _, reader = remembering.library.create_key("r", ["read"])
    _, scribe = remembering.library.create_key("t", ["transcribe"])
    remembering.client.headers["authorization"] = f"Bearer {reader}"
    assert remembering.client.get(f"{V1}/voices").status_code == 200
    assert _enrol(remembering, sound).status_code == 403
    assert remembering.client.delete(f"{V1}/voices/{voice['id']}").status_code == 403
    identify = f"{V1}/recordings/{id}/speakers/identify"
    assert remembering.client.post(identify).status_code == 403
    remembering.client.headers["authorization"] = f"Bearer {scribe}"
    assert remembering.client.get(f"{V1}/voices").status_code == 403


def test_a_deleted_voice_names_nobody(remembering: Server, sound: bytes) -> None:
    """Its vector is gone; transcripts keep the names they have."""
    voice = _enrol(remembering, sound).json()
    id = _transcribed(remembering, sound)
    remembering.client.post(f"{V1}/recordings/{id}/speakers/identify")
    assert remembering.client.delete(f"{V1}/voices/{voice['id']}").status_code == 204
    assert _speakers(remembering, id) == ["Анна", None]
    other = _transcribed(remembering, sound)
    named = remembering.client.post(f"{V1}/recordings/{other}/speakers/identify").json()
    assert named["names"] == {}
