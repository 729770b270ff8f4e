"""`stenograf minutes`, within this process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from stenograf.cli.main import main
from stenograf.export import to_json
from stenograf.minutes import read_minutes
from stenograf.testing.chat import FakeChatServer
from stenograf.testing.documents import CALL


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """The command in a folder that holds call.json, where no language model is set."""
    monkeypatch.chdir(tmp_path)
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"STENOGRAF_LLM_{name}", raising=False)
    Path("call.json").write_bytes(to_json(CALL))

    def ran(*args: str) -> Ran:
        with pytest.raises(SystemExit) as left:
            main(["minutes", *args])
        shown = capsysbinary.readouterr()
        return Ran(int(left.value.code or 0), shown.out.decode(), shown.err.decode())

    return ran


def test_text_is_printed_unless_a_format_is_asked_for(run: Run) -> None:
    """As `transcribe` does; nothing is written beside the transcript."""
    done = run("call.json", "--title", "Sale", "--date", "Monday")
    assert done.status == 0
    assert done.out.startswith("Sale\n====\n")
    assert "Monday" in done.out
    assert [path.name for path in Path().iterdir()] == ["call.json"]


def test_files_are_named_apart_from_those_of_the_transcript(run: Run) -> None:
    """`call.md` stays what it was."""
    Path("call.md").write_text("the transcript", encoding="utf-8")
    done = run("call.json", "-f", "md,docx, JSON", "-o", ".")
    assert done.status == 0
    names = {path.name for path in Path().iterdir()}
    assert names == {
        "call.json", "call.md", "call.minutes.md", "call.minutes.docx", "call.minutes.json",
    }  # fmt: skip
    assert Path("call.md").read_text(encoding="utf-8") == "the transcript"
    assert read_minutes(Path("call.minutes.json").read_bytes()).method == "extractive"
    assert done.err.count("wrote ") == 3


def test_several_formats_need_no_folder(run: Run) -> None:
    """They become files here, as with `transcribe`; a Word document is never printed."""
    assert run("call.json", "-f", "docx", "-q").out == ""
    assert Path("call.minutes.docx").read_bytes().startswith(b"PK")


def test_a_hyphen_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And files are named after it."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(to_json(CALL))))
    assert run("-", "-f", "md", "-o", "out", "-q") == (0, "", "")
    assert Path("out/stdin.minutes.md").is_file()


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["missing.json"], 6, "document"),
        (["broken.json"], 6, "document.invalid"),
        (["call.json", "-f", "srt"], 2, "Choose one of md, txt, docx, json."),
        (["call.json", "--max-points", "0"], 2, "--max-points"),
        (["call.json", "--method", "magic"], 2, "extractive"),
        (["call.json", "--method", "model"], 10, "STENOGRAF_LLM_URL"),
        (["call.json", "-f", "md", "-o", "call.md"], 2, "looks like a file"),
    ],
)
def test_what_is_wrong_is_told_with_a_hint(
    args: list[str], status: int, said: str, run: Run
) -> None:
    """And each kind of failure has its exit status."""
    Path("broken.json").write_text("{", encoding="utf-8")
    done = run(*args)
    assert (done.status, done.out) == (status, "")
    assert said in done.err


def test_a_place_that_cannot_be_written_is_told_before_any_work(run: Run) -> None:
    """Before a language model is asked for an hour."""
    with FakeChatServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STENOGRAF_LLM_URL", server.url)
        patch.setenv("STENOGRAF_LLM_MODEL", "notes")
        done = run("call.json", "-f", "md", "-o", "call.json/out")
        assert (done.status, server.requests) == (7, [])


def test_events_are_lines_of_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress, and at the end what went wrong."""
    with FakeChatServer() as server:
        monkeypatch.setenv("STENOGRAF_LLM_URL", server.url)
        monkeypatch.setenv("STENOGRAF_LLM_MODEL", "notes")
        done = run("call.json", "--json-events", "-f", "json")
        assert read_minutes(done.out.encode()).model == "notes"
        lines = [json.loads(line) for line in done.err.splitlines()]
        told = [line for line in lines if line["type"] == "progress"]
        assert told[0] == {
            "type": "progress", "file": "call.json", "stage": "minutes", "fraction": 0.0,
        }  # fmt: skip
        assert told[-1]["fraction"] == 1.0
        server.key = "sk-1"
        refused = run("call.json", "--json-events")
        assert refused.status == 10
        [failed] = [json.loads(line) for line in refused.err.splitlines()][-1:]
        assert (failed["type"], failed["code"]) == ("failed", "language_model.refused")


def test_help_lists_the_formats(run: Run) -> None:
    """With what each is for."""
    shown = run("--help")
    assert "Formats:" in shown.out
    assert "to sign and send" in shown.out
