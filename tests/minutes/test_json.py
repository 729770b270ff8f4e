"""Stored minutes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from stenograf.core.errors import DocumentInvalidError, DocumentTooNewError
from stenograf.core.span import Span
from stenograf.minutes import Item, Minutes, Participant, Source
from stenograf.minutes.json import read_minutes, to_json
from stenograf.minutes.schema import json_schema, schema_text
from stenograf.testing.minutes import MEETING, MINUTES, SILENCE

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "minutes-1.json"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())
PLAIN = json.loads(to_json(MEETING))
ITEM = PLAIN["decisions"][0]


def changed(**values: Any) -> bytes:
    """The minutes of the meeting with other values."""
    return json.dumps({**PLAIN, **values}).encode()


@given(MINUTES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_minutes_survive_the_way_to_disk_and_back(minutes: Minutes) -> None:
    """What was written is what is read, half surrogates apart, and the schema describes it."""
    data = to_json(minutes)
    VALIDATOR.validate(json.loads(data))
    read = read_minutes(data)
    assert to_json(read) == data
    assert read == minutes or r"\ud800" in repr(minutes)


@pytest.mark.parametrize("minutes", [MEETING, SILENCE])
def test_nothing_of_whole_minutes_is_lost(minutes: Minutes) -> None:
    """Neither notices nor the language model's name, nor that there is none."""
    assert read_minutes(to_json(minutes)) == minutes


def test_the_published_schema_is_the_one_of_the_code() -> None:
    """A change of the document changes docs/schema; `schema_text()` is its content."""
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()


def test_times_are_rounded_once() -> None:
    """No binary fractions leak into the file, and reading and writing again changes nothing."""
    item = Item("a", (Source(Span(0.1 + 0.2, 1.23456), None, "a"),))
    someone = Participant("A", None, 1 / 3, 1 / 3)
    data = to_json(replace(SILENCE, duration=1 / 3, questions=(item,), participants=(someone,)))
    plain = json.loads(data)
    [source] = plain["questions"][0]["sources"]
    assert (source["start"], source["end"], plain["duration"]) == (0.3, 1.235, 0.333)
    assert plain["participants"] == [
        {"label": "A", "role": None, "seconds": 0.333, "share": 0.3333}
    ]
    assert to_json(read_minutes(data)) == data


def test_half_a_surrogate_pair_does_not_stop_the_writer() -> None:
    """File names on Linux may hold bytes that are no text."""
    name = b"\xff.wav".decode("utf-8", "surrogateescape")
    assert read_minutes(to_json(replace(SILENCE, recording=name))).recording == "?.wav"


def test_a_byte_order_mark_does_no_harm() -> None:
    """Windows editors put one in front."""
    assert read_minutes(b"\xef\xbb\xbf" + to_json(MEETING)) == MEETING


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"decisions": [{**ITEM, "sources": []}]}, "decisions[0].sources: List should have at"),
        ({"questions": [{"text": "a"}]}, "questions[0].sources: Field required."),
        (
            {"topics": [{"start": 2, "end": 1, "title": "A", "points": []}]},
            "topics[0]: Value error, the end lies before the start.",
        ),
        ({"tasks": [{**ITEM, "due": 5}]}, "tasks[0].due: Input should be a valid string."),
        ({"duration": "1"}, "duration: Input should be a valid number."),
        ({"duration": -1}, "duration: Input should be greater than or equal to 0."),
        ({"duration": True}, "duration: Input should be a valid number."),
        ({"method": "magic"}, "method: Input should be 'extractive' or 'model'."),
        ({"title": None}, "title: Input should be a valid string."),
        ({"title": "a" * 10_001}, "title: String should have at most 10000 characters."),
        ({"summary": ["a"]}, "summary: Input should be a valid string."),
        ({"desicions": []}, "desicions: Extra inputs are not permitted."),
        ({"participants": {}}, "participants: Input should be a valid list."),
        (
            {"participants": [{"label": "A", "role": None, "seconds": 1, "share": 2}]},
            "participants[0].share: Input should be less than or equal to 1.",
        ),
        ({"format_version": None}, "format_version: a whole number is missing here."),
        ({"format_version": True}, "format_version: a whole number is missing here."),
        ({"format_version": -1}, "format_version: a whole number is missing here."),
        ({"format_version": 0}, "format_version: Input should be 1."),
    ],
)
def test_broken_minutes_are_refused_with_the_place(values: dict[str, Any], complaint: str) -> None:
    """Whoever edited the file by hand learns where it broke."""
    with pytest.raises(DocumentInvalidError) as caught:
        read_minutes(changed(**values))
    assert str(caught.value).startswith(complaint)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b"\x80" * 100,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"format_version": 1}',
        b'{"format_version": 1, "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        changed(duration=float("nan")),
        changed(duration=float("inf")),
        to_json(MEETING).replace(b"3800.25", b"1e999"),
        to_json(MEETING).replace(b"3800.25", b"1" + b"0" * 400),
        to_json(MEETING).replace(b"3800.25", b"1" + b"0" * 5_000),
        to_json(MEETING).replace(b'"n": 12.0', b'"n": 1e999'),
        to_json(MEETING).replace(b'"n": 12.0', b'"n": NaN'),
        to_json(MEETING).replace(b'"Boris"', b'"\\ud800"'),
        to_json(MEETING).replace("Планёрка".encode(), b"\xff"),
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    """No traceback, whatever the file holds."""
    with pytest.raises(DocumentInvalidError):
        read_minutes(data)


@pytest.mark.parametrize(
    "twice",
    [
        to_json(MEETING).replace(b"{\n", b'{\n "title": "b",\n', 1),
        to_json(MEETING).replace(b'"assignee"', b'"text": "b", "assignee"', 1),
    ],
)
def test_a_name_twice_in_one_object_is_refused(twice: bytes) -> None:
    """One reader would take the first value and another the last."""
    with pytest.raises(DocumentInvalidError, match=r"t\w+ is there twice in one object"):
        read_minutes(twice)


def test_huge_input_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on bytes, so nothing is built first."""
    monkeypatch.setattr("stenograf.minutes.json.MAX_MINUTES_BYTES", 100)
    with pytest.raises(DocumentInvalidError, match="100 are allowed"):
        read_minutes(to_json(MEETING))


def test_newer_minutes_ask_for_an_update() -> None:
    """Their content is not looked at."""
    with pytest.raises(DocumentTooNewError, match="format version 999"):
        read_minutes(b'{"format_version": 999, "anything": []}')
