"""The protocol maker of the brief."""

from __future__ import annotations

from tests.api.conftest import Server


def test_turns_and_speakers_come_in_camel_case(server: Server, sound: bytes) -> None:
    """`minSpeakers` and `maxSpeakers` bound the count; the answer lists turns and speakers."""
    answer = server.client.post(
        "/api/diarize",
        files={"audioFile": ("call.wav", sound)},
        data={"minSpeakers": "2", "maxSpeakers": "4"},
    )
    body = answer.json()
    assert answer.status_code == 200
    assert body["success"] is True
    assert body["speakers"] == ["SPEAKER_00", "SPEAKER_01"]
    assert body["totalSpeakers"] == 2
    assert body["segments"][0] == {"speaker": "SPEAKER_00", "start": 0.0, "end": 2.0}
    assert server.work.seen == [{"min_speakers": 2, "max_speakers": 4}]


def test_a_failure_says_success_false(server: Server, sound: bytes) -> None:
    """Also for bounds that contradict each other, or are no numbers."""
    files = {"audioFile": ("call.wav", sound)}
    for data in ({"minSpeakers": "4", "maxSpeakers": "2"}, {"minSpeakers": "many"}):
        answer = server.client.post("/api/diarize", files=files, data=data)
        assert answer.status_code in {400, 422}
        assert answer.json()["success"] is False
        assert isinstance(answer.json()["error"], str)
    assert server.client.post("/api/diarize").json() == {
        "success": False,
        "error": "No file uploaded",
    }
