"""A user without a home folder, as in a container or under a bare system."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pytest

from stenograf.cli.main import main
from stenograf.core.errors import HomeUnknownError
from stenograf.core.home import expanded
from stenograf.models import Places
from stenograf.models.hub import find_token
from stenograf.settings import Settings

Capture: TypeAlias = pytest.CaptureFixture[str]


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither HOME nor an entry for the user, and no variable that names a folder instead."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("STENOGRAF_DATA_DIR", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)


@pytest.mark.usefixtures("homeless")
def test_what_needs_a_home_says_so(tmp_path: Path) -> None:
    """The library and the models lie there unless somebody names other folders."""
    with pytest.raises(HomeUnknownError) as caught:
        _ = Settings(_env_file=None).library_dir
    assert "HOME" in caught.value.advice
    with pytest.raises(HomeUnknownError):
        Places.usual()
    assert Settings(_env_file=None, data_dir=tmp_path).library_dir == tmp_path


@pytest.mark.usefixtures("homeless")
def test_folders_that_are_set_need_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """As a system service runs: models, the hub's cache and the library lie where settings say."""
    monkeypatch.setenv("STENOGRAF_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("STENOGRAF_DATA_DIR", str(tmp_path / "library"))
    monkeypatch.chdir(tmp_path)
    places = Places.usual(models_dir=tmp_path / "models")
    assert [place.folder for place in places.in_order()] == [
        tmp_path / "models",
        tmp_path / "models/hub",
        tmp_path / "models/whisper",
    ]
    assert find_token() is None
    for command in (["models", "list"], ["keys", "list"], ["models", "pull", "tiny", "--offline"]):
        with pytest.raises(SystemExit) as left:
            main(command)
        assert "home" not in capsys.readouterr().err
        assert left.value.code in {0, 4}


def test_a_home_of_nobody_is_an_error_with_a_code() -> None:
    """`~somebody` where there is no such user."""
    with pytest.raises(HomeUnknownError):
        expanded("~nobody-has-this-name/models")


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("command", [["models", "list"], ["keys", "list"], ["serve"]], ids=str)
def test_commands_end_with_a_sentence(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Not with a traceback, and with the status of a wrong call."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(command)
    assert left.value.code == 2
    assert "code: option.home_unknown" in capsys.readouterr().err
