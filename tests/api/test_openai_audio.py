"""OpenAI's audio API, through its own client."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI
from tests.api.conftest import TOKEN, Server

from stenograf.api.room import Room, no_more_recordings
from stenograf.core.errors import ModelMissingError

WORDS = "so it goes so it goes so"
FORMATS = ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]


@pytest.fixture
def client(server: Server) -> OpenAI:
    """The official client, whose requests go to the application in this process."""
    return OpenAI(
        base_url="http://localhost/v1",
        api_key=TOKEN,
        http_client=server.client,
        max_retries=0,
    )


def test_text_comes_as_json(client: OpenAI, sound: bytes) -> None:
    """The default format has the text and what it would cost."""
    answer = client.audio.transcriptions.create(file=("a.wav", sound), model="whisper-1")
    assert answer.text == WORDS
    assert answer.usage is not None
    assert answer.usage.to_dict() == {"type": "duration", "seconds": 4}


def test_verbose_json_has_parts_and_words(client: OpenAI, sound: bytes) -> None:
    """`timestamp_granularities` decides which of them."""
    answer = client.audio.transcriptions.create(
        file=("a.wav", sound),
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="ru",
    )
    assert answer.language == "russian"
    assert answer.duration == 4.0
    assert answer.words is not None
    assert [word.word for word in answer.words] == WORDS.split()
    assert answer.segments is not None
    assert " ".join(part.text for part in answer.segments) == WORDS
    assert answer.segments[0].start == 0.0
    assert answer.segments[0].avg_logprob <= 0


def test_without_word_granularity_there_are_no_words(client: OpenAI, sound: bytes) -> None:
    """As OpenAI does it: parts unless words are asked for."""
    answer = client.audio.transcriptions.create(
        file=("a.wav", sound), model="whisper-1", response_format="verbose_json"
    )
    assert answer.words is None
    assert answer.segments


def test_plain_formats_come_as_text(client: OpenAI, sound: bytes) -> None:
    """txt, srt and vtt are bodies of their own."""
    for name, begin in (("text", "so it"), ("srt", "1\n00:00:00,000 -->"), ("vtt", "WEBVTT")):
        answer = client.audio.transcriptions.create(
            file=("a.wav", sound),
            model="whisper-1",
            response_format=name,  # type: ignore[call-overload]
        )
        assert str(answer).startswith(begin)


def test_diarized_json_names_speakers_by_letters(client: OpenAI, sound: bytes) -> None:
    """Speakers are A, B, ...; parts carry ids."""
    answer = client.audio.transcriptions.create(
        file=("a.wav", sound),
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        chunking_strategy="auto",
    )
    assert [part.speaker for part in answer.segments] == ["A", "B"]
    assert answer.segments[0].id == "seg_001"
    assert answer.text == WORDS


def test_a_stream_tells_words_as_they_come(client: OpenAI, sound: bytes) -> None:
    """Deltas that add up to the text, parts with speakers, then the whole."""
    stream = client.audio.transcriptions.create(
        file=("a.wav", sound),
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        stream=True,
    )
    events = list(stream)
    kinds = [event.type for event in events]
    assert kinds[-1] == "transcript.text.done"
    assert kinds.count("transcript.text.segment") == 2
    deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
    assert "".join(deltas) == WORDS
    assert events[-1].text == WORDS  # type: ignore[union-attr]


def test_a_failure_inside_a_stream_is_an_error(
    server: Server, client: OpenAI, sound: bytes
) -> None:
    """What goes wrong after the first byte ends the stream with an error event."""
    server.work.error = ModelMissingError("There is no model.")
    stream = client.audio.transcriptions.create(
        file=("a.wav", sound), model="whisper-1", stream=True
    )
    with pytest.raises(openai.APIError, match=r"There is no model\."):
        list(stream)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the client calls it old
def test_translations_ask_for_english(server: Server, client: OpenAI, sound: bytes) -> None:
    """The task reaches the engine."""
    answer = client.audio.translations.create(file=("a.wav", sound), model="whisper-1")
    assert answer.text == WORDS
    assert server.work.seen[0]["task"] == "translate"


def test_options_reach_the_engine(server: Server, client: OpenAI, sound: bytes) -> None:
    """Ours too, through `extra_body`."""
    client.audio.transcriptions.create(
        file=("a.wav", sound),
        model="whisper-1",
        language="en",
        prompt="Kurt",
        temperature=0.2,
        extra_body={"hotwords": "Vonnegut", "num_speakers": 2},
    )
    assert server.work.seen == [
        {
            "language": "en",
            "prompt": "Kurt",
            "hotwords": "Vonnegut",
            "task": "transcribe",
            "diarize": True,
            "speakers": 2,
        }
    ]


def test_models_are_listed_and_found(client: OpenAI) -> None:
    """The names that OpenAI's clients know are among them."""
    assert "whisper-1" in [model.id for model in client.models.list()]
    assert client.models.retrieve("whisper-1").object == "model"


def test_every_error_has_its_class(server: Server, client: OpenAI, sound: bytes) -> None:
    """The client raises what it raises for OpenAI's own answers."""
    create = client.audio.transcriptions.create
    file = ("a.wav", sound)
    with pytest.raises(openai.NotFoundError) as unknown:
        create(file=file, model="no-such-model")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as bad:
        create(file=file, model="whisper-1", response_format="docx")  # type: ignore[call-overload]
    assert bad.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError):
        create(file=file, model="whisper-1", temperature=7)
    with pytest.raises(openai.APIStatusError) as no_sound:
        create(file=("a.wav", b"no sound"), model="whisper-1")
    assert no_sound.value.status_code == 415
    with pytest.raises(openai.APIStatusError) as large:
        create(file=("a.wav", b"x" * 1_100_000), model="whisper-1")
    assert large.value.status_code == 413
    with pytest.raises(openai.AuthenticationError) as key:
        client.with_options(api_key="wrong").models.list()
    assert key.value.code == "invalid_api_key"
    reader = server.library.create_key("reader", ["read"])[1]
    with pytest.raises(openai.PermissionDeniedError) as scope:
        client.with_options(api_key=reader).audio.transcriptions.create(
            file=file, model="whisper-1"
        )
    assert scope.value.type == "permission_error"
    server.work.error = ModelMissingError("There is no model.")
    with pytest.raises(openai.InternalServerError) as missing:
        create(file=file, model="whisper-1")
    assert missing.value.status_code == 503


def test_a_busy_server_is_a_rate_limit(server: Server, client: OpenAI, sound: bytes) -> None:
    """Its class tells the client to wait, and the header how long."""
    server.app.state.room = Room(0, no_more_recordings)
    with pytest.raises(openai.RateLimitError) as busy:
        client.audio.transcriptions.create(file=("a.wav", sound), model="whisper-1")
    assert busy.value.type == "rate_limit_error"
    assert int(busy.value.response.headers["retry-after"]) > 0


def test_a_form_without_model_or_file_names_the_field(server: Server, sound: bytes) -> None:
    """400 with `param`."""
    url = "/v1/audio/transcriptions"
    no_model = server.client.post(url, files={"file": ("a.wav", sound)})
    no_file = server.client.post(url, data={"model": "whisper-1"}, files={"x": ("x", b"")})
    assert [no_model.status_code, no_file.status_code] == [400, 400]
    assert no_model.json()["error"]["param"] == "model"
    assert no_file.json()["error"]["param"] == "file"


def test_addresses_that_lead_nowhere_keep_the_shape(server: Server) -> None:
    """404 and 405 look like every other error of the contract."""
    for answer in (server.client.get("/v1/nothing"), server.client.get("/v1/audio/translations")):
        assert answer.status_code in {404, 405}
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("names", "references"),
    [
        (["Anna"], []),
        (["Anna", "Anna"], ["data:audio/wav;base64,AAAA"] * 2),
        (["Anna"], ["https://example.org/anna.wav"]),
        (["Anna"], ["data:audio/wav;base64,***"]),
    ],
)
def test_known_speakers_need_a_voice_each(
    client: OpenAI, sound: bytes, names: list[str], references: list[str]
) -> None:
    """Names and data URLs come in pairs; nothing is fetched from anywhere."""
    with pytest.raises(openai.BadRequestError, match="known_speaker"):
        client.audio.transcriptions.create(
            file=("a.wav", sound),
            model="gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            extra_body={"known_speaker_names": names, "known_speaker_references": references},
        )


def test_fields_without_a_meaning_here_are_taken(client: OpenAI, sound: bytes) -> None:
    """How OpenAI cuts a recording, and log probabilities, change nothing; nobody is refused."""
    answer = client.audio.transcriptions.create(
        file=("a.wav", sound),
        model="gpt-4o-transcribe",
        include=["logprobs"],
        chunking_strategy={"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200},
        temperature=0.2,
    )
    assert answer.text == WORDS
