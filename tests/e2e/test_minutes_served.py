"""Minutes from a real server: real words, real workers, and a language model behind real HTTP."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.e2e.test_server import TOKEN, Program

from stenograf.client import Client
from stenograf.core.errors import CancelledError
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Turn, Word
from stenograf.library import open_library
from stenograf.minutes import Item, Minutes, Task
from stenograf.testing.chat import FakeChatServer, Reply

pytestmark = pytest.mark.e2e

WITHIN_S = 60.0
KEY = "sk-of-the-language-model"
SAID = (
    ("SPEAKER_00", "Добрый день, коллеги, начнём с поставки рояля."),
    ("SPEAKER_01", "Решили перенести поставку рояля на пятницу, двадцать первое ноября."),
    ("SPEAKER_00", "Анна, подготовь, пожалуйста, договор с поставщиком до среды."),
    ("SPEAKER_01", "Хорошо, я подготовлю договор до среды."),
    ("SPEAKER_00", "А кто оплатит доставку рояля на пятый этаж?"),
)


@pytest.fixture(scope="module")
def chat() -> Iterator[FakeChatServer]:
    """A language model that asks for a key."""
    with FakeChatServer() as server:
        server.key = KEY
        yield server


@pytest.fixture(scope="module")
def served(chat: FakeChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """`stenograf serve` with PocketSphinx and that language model."""
    folder = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "stenograf", "serve", "--verbose", "--workers", "1"]
    program = Program(
        command,
        folder,
        STENOGRAF_MODELS_DIR=str(folder / "models"),
        HF_HOME=str(folder / "hub"),
        STENOGRAF_LLM_URL=chat.url,
        STENOGRAF_LLM_MODEL="notes",
        STENOGRAF_LLM_KEY=KEY,
    )
    yield program
    program.stop()


@pytest.fixture
def client(served: Program) -> Iterator[Client]:
    with Client(served.url, key=TOKEN) as client:
        yield client


@pytest.fixture
def meeting(served: Program, client: Client) -> str:
    """A recording with a transcript of five Russian sentences."""
    id = client.upload(Path(__file__), name="Планёрка.wav")
    with open_library(served.log.parent / "library") as library:
        library.save_transcript(id, russian())
    return id


def russian() -> Transcript:
    """What was said, half a second for each word and two seconds between sentences."""
    words: list[Word] = []
    turns: list[Turn] = []
    at = 0.0
    for speaker, sentence in SAID:
        first = at
        for text in sentence.split():
            words.append(Word(Span(at, at + 0.4), text, 0.9, speaker))
            at += 0.5
        turns.append(Turn(Span(first, at), speaker))
        at += 2.0
    speakers = (Speaker("SPEAKER_00", "Борис"), Speaker("SPEAKER_01", "Анна"))
    return Transcript(
        Recording("Планёрка.wav", at), tuple(words), tuple(turns), speakers, language="ru"
    )


def items(minutes: Minutes) -> list[Item | Task]:
    """Everything that minutes state."""
    points = [point for topic in minutes.topics for point in topic.points]
    return [*points, *minutes.decisions, *minutes.tasks, *minutes.questions]


def wait_until(holds: Callable[[], bool]) -> None:
    """Returns when it holds, which must be soon."""
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def worker(served: Program) -> psutil.Process:
    """The process that does the jobs."""
    family = psutil.Process(served.process.pid).children(recursive=True)
    [found] = [each for each in family if "--supervised" in each.cmdline()]
    return found


def test_a_recording_becomes_minutes_by_both_methods(
    served: Program, client: Client, chat: FakeChatServer, assets: Path
) -> None:
    """What was heard is what they rest on; no log holds it, nor the key, which the model got."""
    job = client.submit(assets / "audio/asr/jfk.flac", language="en", diarize=False)
    id = client.wait(job.id).recording_id
    heard = client.transcript(id).text
    assert "country" in heard
    at_once = client.minutes(id)
    assert (at_once.method, at_once.language) == ("extractive", "en")
    assert items(at_once)
    before = len(chat.requests)
    made = client.make_minutes(id, method="model", title="The inauguration")
    assert (made.method, made.model, made.title) == ("model", "notes", "The inauguration")
    assert made == client.minutes(id, method="model")
    for one in (*items(at_once), *items(made)):
        for source in one.sources:
            assert " ".join(source.text.split()) in " ".join(heard.split())
    assert {asked.headers["authorization"] for asked in chat.requests[before:]} == {f"Bearer {KEY}"}
    assert client.export_minutes(id, "docx").startswith(b"PK")
    log = served.log_with("GET /api/v1/recordings/{id}/minutes 200")
    assert not [word for word in (KEY, "country", "inauguration", TOKEN) if word in log]


def test_russian_minutes_are_russian(client: Client, meeting: str) -> None:
    """By both methods: who decided what, who does what, under Russian headings."""
    at_once = client.minutes(meeting)
    assert at_once.language == "ru"
    assert any("договор" in task.text for task in at_once.tasks)
    assert any("пятницу" in decision.text for decision in at_once.decisions)
    made = client.make_minutes(meeting, method="model", title="Планёрка", date="20 ноября")
    assert (made.method, made.language, made.date) == ("model", "ru", "20 ноября")
    page = client.export_minutes(meeting, "md").decode()
    assert page.startswith("# Планёрка")
    assert "## Участники" in page
    assert "Анна" in page


def test_a_worker_killed_in_the_middle_asks_only_for_the_rest(
    served: Program, client: Client, chat: FakeChatServer, meeting: str
) -> None:
    """The answer that was cut off is asked for again, no other, and one document is recorded."""
    before = len(chat.requests)
    client.make_minutes(meeting, method="model")
    n_whole = len(chat.requests) - before
    assert n_whole > 1
    before = len(chat.requests)
    chat.script = [*[Reply()] * (n_whole - 1), Reply(silent=True)]
    job = client._ask("POST", f"/recordings/{meeting}/minutes", json={"method": "model"})["id"]
    wait_until(lambda: len(chat.requests) - before == n_whole)
    worker(served).kill()
    assert client.wait(job).status == "done"
    assert len(chat.requests) - before == n_whole + 1
    with open_library(served.log.parent / "library") as library:
        assert [each.job_id for each in library.minutes(meeting)].count(job) == 1


def test_a_cancelled_job_leaves_the_language_model(
    served: Program, client: Client, chat: FakeChatServer, meeting: str
) -> None:
    """In the middle of an answer that never ends; nothing is recorded, and the next one is made."""
    n_left = chat.n_left
    before = len(chat.requests)
    chat.script = [Reply(silent=True)]
    job = client._ask("POST", f"/recordings/{meeting}/minutes", json={"method": "model"})["id"]
    wait_until(lambda: len(chat.requests) > before)
    client.cancel(job)
    with pytest.raises(CancelledError):
        client.wait(job)
    wait_until(lambda: chat.n_left > n_left)
    with open_library(served.log.parent / "library") as library:
        assert not library.minutes(meeting)
    assert client.make_minutes(meeting).method == "model"
