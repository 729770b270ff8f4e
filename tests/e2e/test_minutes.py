"""`stenograf minutes` as people call it: a process, a document, and a language model over HTTP."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import docx
import pytest
from tests.docs.blocks import ROOT

from stenograf.core.transcript import Recording, Speaker, Transcript
from stenograf.export import read_json, to_json
from stenograf.minutes import Item, Minutes, Task, read_minutes
from stenograf.testing.chat import FakeChatServer
from stenograf.testing.documents import spoken

pytestmark = pytest.mark.e2e

Stenograf = Callable[..., "CompletedProcess[str]"]

HOSTILE = "</w:t> | `x` *Анна*\n# <script>"
SHOWN = "</w:t> | `x` *Анна* # <script>"
FORMATS = "md,txt,docx,json"
ENGLISH = read_json((ROOT / "demo/meeting.json").read_bytes())
RUSSIAN = Transcript(
    Recording("../../планёрка\x00.mp3", 60.0),
    words=(
        *spoken("Обсудим отгрузку столов для школы.", speaker="SPEAKER_00", start=1),
        *spoken("Стулья для школы ещё не покрашены.", speaker="SPEAKER_01", start=6),
        *spoken("Решили отгрузить столы и стулья вместе.", speaker="SPEAKER_00", start=12),
        *spoken(
            "Борис, подготовьте накладные до пятницы, пожалуйста.", speaker="SPEAKER_00", start=18
        ),
        *spoken("Кто платит за хранение столов?", speaker="SPEAKER_01", start=24),
    ),
    speakers=(Speaker("SPEAKER_00", HOSTILE, "начальник"), Speaker("SPEAKER_01", "Борис")),
    language="ru",
)
LANGUAGES = {"en": ENGLISH, "ru": RUSSIAN}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChatServer]:
    """A language model that asks for a key, and settings that know it."""
    with FakeChatServer() as fake:
        fake.key = "sk-secret"
        monkeypatch.setenv("STENOGRAF_LLM_URL", fake.url)
        monkeypatch.setenv("STENOGRAF_LLM_MODEL", "notes")
        monkeypatch.setenv("STENOGRAF_LLM_KEY", "sk-secret")
        yield fake


def made(done: CompletedProcess[str], folder: Path, stem: str) -> Minutes:
    """The minutes that a call wrote; each file says what the JSON says."""
    assert done.returncode == 0, done.stderr
    files = {path.name for path in folder.iterdir()}
    assert files == {f"{stem}.minutes.{suffix}" for suffix in FORMATS.split(",")}
    minutes = read_minutes((folder / f"{stem}.minutes.json").read_bytes())
    text = (folder / f"{stem}.minutes.txt").read_text("utf-8")
    assert minutes.decisions
    assert minutes.tasks
    items: list[Item | Task] = [*minutes.decisions, *minutes.tasks, *minutes.questions]
    for item in items:
        assert " ".join(item.text.split()) in text
        assert item.sources
    document = docx.Document(str(folder / f"{stem}.minutes.docx"))
    assert len(document.tables[-1].rows) == 1 + len(minutes.tasks)
    assert zipfile.ZipFile(folder / f"{stem}.minutes.docx").testzip() is None
    return minutes


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meeting_gives_its_minutes_without_any_model(
    language: str, stenograf: Stenograf, tmp_path: Path
) -> None:
    """Decisions and tasks in the words of the meeting, whatever people and files are called."""
    (tmp_path / "a & b $(x)").mkdir()
    document = tmp_path / "a & b $(x)" / "-планёрка;'1.json"
    document.write_bytes(to_json(LANGUAGES[language]))
    done = stenograf(
        "minutes", document, "-f", FORMATS, "-o", tmp_path / "out", "--date", "1 | 2", "--offline"
    )
    minutes = made(done, tmp_path / "out", "-планёрка;'1")
    assert (minutes.method, minutes.model, minutes.language) == ("extractive", None, language)
    said = " ".join(LANGUAGES[language].text.split())
    items: list[Item | Task] = [*minutes.decisions, *minutes.tasks]
    assert all(source.text in said for item in items for source in item.sources)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_model_writes_them_where_one_is_set(
    language: str, stenograf: Stenograf, server: FakeChatServer, tmp_path: Path
) -> None:
    """Read from standard input, offline too: the model is on this machine. The key stays secret."""
    done = stenograf(
        "minutes", "-", "-f", FORMATS, "-o", tmp_path / "out", "--json-events", "--offline",
        stdin=to_json(LANGUAGES[language]),
    )  # fmt: skip
    minutes = made(done, tmp_path / "out", "stdin")
    assert (minutes.method, minutes.model) == ("model", "notes")
    fractions = [json.loads(line).get("fraction") for line in done.stderr.splitlines()]
    assert fractions[-1] == 1.0
    assert server.requests
    printed = done.stdout + done.stderr
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert "sk-secret" not in printed
    assert b"sk-secret" not in written


def test_names_of_people_stay_names(stenograf: Stenograf, tmp_path: Path) -> None:
    """Marks of Markdown and Word in a name or a title mean nothing there."""
    (tmp_path / "call.json").write_bytes(to_json(RUSSIAN))
    done = stenograf("minutes", "call.json", "-f", FORMATS, "-o", "out", "--title", HOSTILE)
    made(done, tmp_path / "out", "call")
    document = docx.Document(str(tmp_path / "out/call.minutes.docx"))
    assert document.paragraphs[0].text == SHOWN
    assert document.tables[0].rows[1].cells[0].text == SHOWN
    markdown = (tmp_path / "out/call.minutes.md").read_text("utf-8")
    assert "\n# <script>" not in markdown
    assert r"\<script\>" in markdown


def test_a_failing_language_model_is_told_and_nothing_is_written(
    stenograf: Stenograf, server: FakeChatServer, tmp_path: Path
) -> None:
    """With the way out: the method that needs none."""
    server.key = "another"
    (tmp_path / "call.json").write_bytes(to_json(ENGLISH))
    done = stenograf("minutes", "call.json", "-f", "md", "-o", "out")
    assert done.returncode == 10
    assert "language_model.refused" in done.stderr
    assert "sk-secret" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
