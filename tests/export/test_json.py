"""The stored document."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from stenograf.core.errors import DocumentInvalidError, DocumentTooNewError
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Recording, Speaker, Transcript, Turn, Word
from stenograf.export import read_json, to_json
from stenograf.export.schema import json_schema, schema_text
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY, WORDS_ONLY

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "transcript-3.json"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def changed(**values: Any) -> bytes:
    """The document of the call with other values."""
    return json.dumps({**json.loads(to_json(CALL)), **values}).encode()


def without_surrogates(transcript: Transcript) -> bool:
    """Whether the document is Unicode text throughout."""
    texts = [word.text for word in transcript.words] + [transcript.recording.name]
    texts += [speaker.name or "" for speaker in transcript.speakers]
    return "\ud800" not in "".join(texts)


@given(TRANSCRIPTS.filter(without_surrogates))
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
def test_every_document_survives_the_way_to_disk_and_back(transcript: Transcript) -> None:
    """What was written is what is read, and the schema describes it."""
    data = to_json(transcript)
    VALIDATOR.validate(json.loads(data))
    assert read_json(data) == transcript


@pytest.mark.parametrize("transcript", [CALL, EMPTY, TURNS_ONLY, WORDS_ONLY])
def test_provenance_and_notices_survive_too(transcript: Transcript) -> None:
    """Nothing of a whole document is lost."""
    assert read_json(to_json(transcript)) == transcript


def test_the_published_schema_is_the_one_of_the_code() -> None:
    """A change of the document changes docs/schema; `schema_text()` is its content."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json.loads(schema_text())


def test_every_timed_part_says_its_speaker_even_when_unknown() -> None:
    """Consumers need not guess what a missing key means."""
    document = json.loads(to_json(CALL))
    for part in ("words", "turns", "utterances"):
        assert all("speaker" in item for item in document[part])
    assert document["words"][-1]["speaker"] is None
    assert document["utterances"][-1] == {
        "start": 8.0,
        "end": 8.28,
        "speaker": None,
        "text": "мм",
        "suspect": True,
    }
    assert document["text"] == CALL.text


def test_utterances_and_text_are_for_reading_only() -> None:
    """They follow from the words, so what the file says there is not believed."""
    assert read_json(changed(utterances=[], text="nonsense")) == CALL


def test_times_are_rounded_to_milliseconds() -> None:
    """No binary fractions leak into the file."""
    word = Word(Span(0.1 + 0.2, 1.23456), "а")
    document = json.loads(to_json(Transcript(Recording("a", 1 / 3), (word,))))
    assert (document["words"][0]["start"], document["words"][0]["end"]) == (0.3, 1.235)
    assert document["recording"]["duration"] == 0.333


def test_details_that_json_cannot_hold_become_text() -> None:
    """A path or an error in a notice does not lose the whole document."""
    details = {"path": Path("a.mp3"), "n": float("inf"), "seen": {1}}
    notice = Notice("x", "m", details=details)
    read = read_json(to_json(Transcript(Recording("a", 1.0), notices=(notice,))))
    assert read.notices[0].details == {"path": "a.mp3", "n": "inf", "seen": [1]}


def test_half_a_surrogate_pair_does_not_stop_the_writer() -> None:
    """File names on Linux may hold bytes that are no text."""
    name = b"\xff.wav".decode("utf-8", "surrogateescape")
    assert read_json(to_json(Transcript(Recording(name, 1.0)))).recording.name == "?.wav"


def test_a_byte_order_mark_does_no_harm() -> None:
    """Windows editors put one in front."""
    assert read_json(b"\xef\xbb\xbf" + to_json(CALL)) == CALL


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"words": [{"start": 0, "end": 1, "text": "a"}]}, "words[0].speaker: Field required."),
        (
            {"turns": [{"start": 2, "end": 1, "speaker": "A"}]},
            "turns[0]: Value error, the end lies before the start.",
        ),
        (
            {"turns": [{"start": "0", "end": 1, "speaker": "A"}]},
            "turns[0].start: Input should be a valid number.",
        ),
        ({"recording": {"name": "a"}}, "recording.duration: Field required."),
        ({"wrods": []}, "wrods: Extra inputs are not permitted."),
        (
            {"speakers": [{"id": "A"}, {"id": "A"}]},
            "speakers: Value error, two speakers have the same id.",
        ),
        ({"language_probability": 1.5}, "language_probability: Input should be less than or equal"),
        ({"format_version": None}, "format_version: a whole number is missing here."),
        ({"format_version": True}, "format_version: a whole number is missing here."),
        ({"format_version": -1}, "format_version: a whole number is missing here."),
    ],
)
def test_a_broken_document_is_refused_with_the_place(
    values: dict[str, Any], complaint: str
) -> None:
    """Whoever edited the file by hand learns where it broke."""
    with pytest.raises(DocumentInvalidError) as caught:
        read_json(changed(**values))
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
        b'{"format_version": 1, "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"format_version": 1, "recording": {"name": "a", "duration": NaN}}',
        b'{"format_version": 1, "recording": {"name": "a", "duration": Infinity}}',
        b'{"format_version": 1, "recording": {"name": "a", "duration": 1e999}}',
        b'{"format_version": 1, "recording": {"name": "a", "duration": 1' + b"0" * 400 + b"}}",
        b'{"format_version": 1, "recording": {"name": "\\ud800", "duration": 1}}',
        b'{"format_version": 0, "file": 7, "duration": 1}',
        b'{"format_version": 0}',
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    """No traceback, whatever the file holds."""
    with pytest.raises(DocumentInvalidError):
        read_json(data)


def test_huge_input_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on bytes, so nothing is built first."""
    monkeypatch.setattr("stenograf.export.json.MAX_DOCUMENT_BYTES", 100)
    with pytest.raises(DocumentInvalidError, match="100 are allowed"):
        read_json(to_json(CALL))


def test_a_newer_document_asks_for_an_update() -> None:
    """Its content is not looked at."""
    with pytest.raises(DocumentTooNewError, match="format version 999"):
        read_json(b'{"format_version": 999, "anything": []}')


def test_the_draft_format_is_still_read() -> None:
    """Version 0 had a file name, segments, and words without the key of an unknown speaker."""
    data = (Path(__file__).parent / "data" / "transcript-0.json").read_bytes()
    assert read_json(data) == Transcript(
        recording=Recording("разговор.mp3", 4.5),
        words=(
            Word(Span(1.0, 1.4), "Добрый", 0.9, "SPEAKER_01"),
            Word(Span(1.4, 1.9), "день.", 0.8, "SPEAKER_01"),
            Word(Span(3.0, 3.5), "Да?"),
        ),
        turns=(Turn(Span(0.9, 2.0), "SPEAKER_01"), Turn(Span(2.0, 2.4), "SPEAKER_00")),
        speakers=(Speaker("SPEAKER_01"), Speaker("SPEAKER_00")),
        language="ru",
    )


def test_a_document_of_version_1_is_still_read() -> None:
    """It knew no suspect parts and no votes."""
    old = json.loads(to_json(CALL))
    del old["suspects"], old["provenance"]["language_votes"]
    for utterance in old["utterances"]:
        del utterance["suspect"]
    read = read_json(json.dumps({**old, "format_version": 1}).encode())
    assert read.words == CALL.words
    assert read.suspects == ()
    assert read.provenance is not None
    assert read.provenance.language_votes == {}


def test_a_document_of_version_2_is_still_read() -> None:
    """Its words knew no language of their own."""
    read = read_json(changed(format_version=2))
    assert read == CALL
    assert {word.language for word in read.words} == {None}


def test_words_in_several_languages_say_which() -> None:
    """Words and utterances have the key where there is something to say."""
    words = (Word(Span(0, 1), "да", speaker="A", language="ru"), Word(Span(1, 2), "yes"))
    document = json.loads(to_json(Transcript(Recording("a", 2.0), words, language="ru")))
    for part in ("words", "utterances"):
        assert [item.get("language") for item in document[part]] == ["ru", None]


def test_a_suspect_part_says_why() -> None:
    """Without a reason nobody could judge it."""
    with pytest.raises(DocumentInvalidError, match="suspects"):
        read_json(changed(suspects=[{"start": 0.0, "end": 1.0, "reasons": []}]))
