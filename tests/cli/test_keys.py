"""`stenograf keys`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stenograf.cli.main import main
from stenograf.library import open_library


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of our own, in surroundings without other settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STENOGRAF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("STENOGRAF_DATABASE_URL", raising=False)
    return tmp_path / "data"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["keys", *arguments])
    return int(left.value.code or 0)


def test_a_made_key_opens_the_library(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is the token and nothing else."""
    assert run("create", "laptop", "--scopes", "read") == 0
    token = capsys.readouterr().out.strip()
    with open_library(data) as library:
        key = library.find_key(token)
    assert key is not None
    assert (key.name, key.scopes) == ("laptop", ("read",))


def test_the_list_shows_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the table nor JSON holds more than how it begins."""
    run("create", "ноутбук")
    token = capsys.readouterr().out.strip()
    assert run("list") == 0
    table = capsys.readouterr().out
    assert run("list", "--json") == 0
    listed = capsys.readouterr().out
    assert "ноутбук" in table
    assert json.loads(listed)[0]["prefix"] == token[:12]
    assert token not in table + listed


def test_revoking_by_the_beginning_of_a_token(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a person still has of a lost token is enough to revoke it."""
    run("create", "lost")
    token = capsys.readouterr().out.strip()
    assert run("revoke", token[:12]) == 0
    with open_library(data) as library:
        assert library.find_key(token) is None
    run("list")
    assert "revoked" in capsys.readouterr().out


def test_mistakes_are_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown key and an unknown scope end with a sentence and a status."""
    assert run("revoke", "nobody") != 0
    assert "There is no key nobody." in capsys.readouterr().err
    assert run("create", "x", "--scopes", "root") == 2
    assert "transcribe, read, write, admin" in capsys.readouterr().err


def test_another_library_by_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--data-dir` outweighs the setting."""
    run("create", "x", "--data-dir", str(tmp_path / "other"))
    token = capsys.readouterr().out.strip()
    with open_library(tmp_path / "other") as library:
        assert library.find_key(token) is not None
