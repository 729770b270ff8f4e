"""Which method makes minutes, and whom it may ask."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import stenograf
from stenograf.core.errors import (
    AddressInvalidError,
    CancelledError,
    LanguageModelMissingError,
    LanguageModelRefusedError,
    OfflineError,
    OptionError,
)
from stenograf.core.events import Event, Progress
from stenograf.core.transcript import Transcript
from stenograf.jobs.minuting import MinutesWanted
from stenograf.minutes import MinutesBy, read_minutes, render, to_json
from stenograf.minuting import language_model, make_minutes
from stenograf.settings import Settings
from stenograf.testing.chat import FakeChatServer
from stenograf.testing.documents import CALL, TRANSCRIPTS


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the surroundings nor a file .env name a language model."""
    monkeypatch.chdir(tmp_path)
    for name in ("URL", "MODEL", "KEY", "TIMEOUT_S"):
        monkeypatch.delenv(f"STENOGRAF_LLM_{name}", raising=False)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChatServer]:
    """A language model on this machine, which the settings name."""
    with FakeChatServer() as fake:
        monkeypatch.setenv("STENOGRAF_LLM_URL", fake.url)
        monkeypatch.setenv("STENOGRAF_LLM_MODEL", "notes")
        yield fake


def test_without_a_language_model_sentences_of_the_recording_are_taken() -> None:
    """`auto` needs nothing but the transcript."""
    made = stenograf.make_minutes(CALL)
    assert (made.method, made.model, made.language) == ("extractive", None, "ru")
    assert made.recording == CALL.recording.name


def test_a_language_model_that_is_set_writes_them(server: FakeChatServer) -> None:
    """`auto` asks it, and the minutes say who wrote them."""
    made = make_minutes(CALL)
    assert (made.method, made.model) == ("model", "notes")
    assert server.requests
    assert all(asked.body["model"] == "notes" for asked in server.requests)


def test_half_a_language_model_is_none(
    server: FakeChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A URL without the name of a model: `auto` does without, `model` says what is missing."""
    monkeypatch.delenv("STENOGRAF_LLM_MODEL")
    assert make_minutes(CALL).method == "extractive"
    with pytest.raises(LanguageModelMissingError) as caught:
        make_minutes(CALL, method="model")
    assert "STENOGRAF_LLM_MODEL" in caught.value.advice
    assert server.requests == []


def test_extractive_minutes_ask_nobody(server: FakeChatServer) -> None:
    """Whoever names the method has a reason."""
    assert make_minutes(CALL, method="extractive").method == "extractive"
    assert server.requests == []


def test_the_key_goes_to_the_server_and_its_absence_is_told(
    server: FakeChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is a setting, and no part of what a settings object shows."""
    server.key = "sk-1"
    with pytest.raises(LanguageModelRefusedError):
        make_minutes(CALL)
    monkeypatch.setenv("STENOGRAF_LLM_KEY", "sk-1")
    assert make_minutes(CALL).method == "model"
    assert "sk-1" not in repr(Settings())


@pytest.mark.parametrize("is_setting", [True, False])
def test_offline_still_asks_a_language_model_on_this_machine(
    server: FakeChatServer, monkeypatch: pytest.MonkeyPatch, is_setting: bool
) -> None:
    """No connection leaves it."""
    if is_setting:
        monkeypatch.setenv("STENOGRAF_OFFLINE", "1")
    assert make_minutes(CALL, offline=not is_setting).method == "model"


@pytest.mark.parametrize("method", ["auto", "model"])
@pytest.mark.parametrize(
    "host", ["192.0.2.1", "llm.example", "[::ffff:192.0.2.1]", "localhost.example", "[::]"]
)
def test_offline_asks_no_other_machine(
    host: str, method: MinutesBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails at once, before anything is looked up."""
    monkeypatch.setenv("STENOGRAF_LLM_URL", f"http://{host}:1/v1")
    monkeypatch.setenv("STENOGRAF_LLM_MODEL", "notes")
    with pytest.raises(OfflineError, match=r"is on .*no connection to another machine") as caught:
        make_minutes(CALL, method=method, offline=True)
    assert "extractive" in caught.value.advice
    assert make_minutes(CALL, method="extractive", offline=True).method == "extractive"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2:1", "http://LOCALHOST/v1", "http://[::1]:8080/v1"]
)
def test_this_machine_has_several_names(url: str) -> None:
    """None of them leaves it."""
    named = Settings(llm_url=url, llm_model="notes")
    assert language_model(named, offline=True).name == "notes"


def test_a_url_that_is_none_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(AddressInvalidError):
        language_model(Settings(llm_url="file:///etc/passwd", llm_model="notes"))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"method": "magic"}, "no method magic"),
        ({"max_points": 0}, "one point or more"),
        ({"title": "a" * 1001}, "at most 1000 characters"),
        ({"date": "a" * 1001}, "at most 1000 characters"),
    ],
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object], complaint: str) -> None:
    """The hint names what there is."""
    with pytest.raises(OptionError, match=complaint):
        make_minutes(CALL, **wrong)  # type: ignore[arg-type]


def test_progress_goes_from_nothing_to_all(server: FakeChatServer) -> None:
    """With either method, and never back."""
    methods: tuple[MinutesBy, ...] = ("extractive", "model")
    for method in methods:
        told: list[Event] = []
        make_minutes(CALL, method=method, on_event=told.append)
        fractions = [event.fraction for event in told if isinstance(event, Progress)]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_what_a_listener_raises_ends_the_work(server: FakeChatServer) -> None:
    """That is how a job is cancelled."""

    def cancel(event: Event) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        make_minutes(CALL, on_event=cancel)
    assert server.requests == []


class KeptAnswers(dict[str, str]):
    """Answers in a dictionary."""

    def find(self, name: str) -> str | None:
        return self.get(name)

    def keep(self, name: str, answer: str) -> None:
        self[name] = answer


def test_answers_that_were_kept_are_not_asked_for_again(server: FakeChatServer) -> None:
    """Another attempt costs nothing, and gives the same."""
    answers = KeptAnswers()
    first = make_minutes(CALL, answers=answers)
    n_asked = len(server.requests)
    again = make_minutes(CALL, answers=answers)
    assert len(server.requests) == n_asked == len(answers)
    assert again.summary == first.summary
    assert (again.topics, again.decisions) == (first.topics, first.decisions)


@given(TRANSCRIPTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_made_of_any_transcript_can_be_kept(transcript: Transcript) -> None:
    """What is written is read back, and every format can be made of it."""
    made = make_minutes(transcript, method="extractive")
    data = to_json(made)
    assert to_json(read_minutes(data)) == data
    for name in ("md", "txt"):
        render(made, name).decode("utf-8")


def test_a_job_asks_by_the_same_names() -> None:
    """What a queue stores is what the function takes, with the same defaults."""
    asked = {
        name: parameter.default
        for name, parameter in signature(make_minutes).parameters.items()
        if name not in {"transcript", "offline", "on_event", "answers"}
    }
    wanted = MinutesWanted()
    assert asked == {name: getattr(wanted, name) for name in wanted.__dataclass_fields__}
