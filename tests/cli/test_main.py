"""The frame of the command line."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature
from pathlib import Path

import pytest
from click.testing import CliRunner

import stenograf
from stenograf.api.native.minutes import MinutesRequest
from stenograf.api.native.speakers import Recluster
from stenograf.cli.main import COMMANDS, cli, main
from stenograf.cli.messages import print_error
from stenograf.core.errors import OptionError
from stenograf.jobs.minuting import MinutesWanted
from stenograf.pipeline import TranscribeOptions

HEAVY = {"numpy", "scipy", "onnxruntime", "av", "pydantic", "rich", "faster_whisper"}


def test_help_names_every_command() -> None:
    """The first thing a newcomer types lists what there is."""
    result = CliRunner().invoke(cli, ["--help"])
    assert all(name in result.output for name in COMMANDS)


def test_every_command_has_its_own_help() -> None:
    """Each name in the list can be imported and explains itself."""
    for name in COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0, f"{name}: {result.output}"
        assert "Usage:" in result.output


def test_short_help_agrees_with_the_command() -> None:
    """The table that spares imports says the same as the commands themselves."""
    context = cli.make_context("stenograf", ["--help"], resilient_parsing=True)
    for name, lazy in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=100) == lazy.help


def test_python_http_and_the_command_line_ask_by_the_same_names() -> None:
    """Each option of a run, of telling speakers apart again and of minutes is in all of them."""
    context = cli.make_context("stenograf", ["--help"], resilient_parsing=True)
    of_command = {
        name: {param.name for param in command.params}
        for name in ("transcribe", "recluster", "minutes")
        if (command := cli.get_command(context, name))
    }
    assert set(TranscribeOptions.__dataclass_fields__) <= of_command["transcribe"]
    asked = set(signature(stenograf.recluster).parameters) - {"transcript", "evidence"}
    assert asked == set(Recluster.model_fields)
    assert asked <= of_command["recluster"]
    wanted = set(MinutesWanted.__dataclass_fields__)
    taken = set(signature(stenograf.make_minutes).parameters)
    assert taken - {"transcript", "offline", "on_event", "answers"} == wanted
    assert set(MinutesRequest.model_fields) == wanted
    assert wanted | {"transcript", "offline"} <= of_command["minutes"]


def test_help_imports_nothing_heavy() -> None:
    """`--help` answers at once because no runtime is loaded for it."""
    code = (
        "import sys; from stenograf.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print('LOADED', *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())


def test_choosing_engines_imports_nothing_heavy() -> None:
    """A server looks for models while it answers: the look must not take the processor."""
    code = (
        "import sys\nfrom contextlib import suppress\nfrom stenograf import app\n"
        "from stenograf.core import errors\n"
        "with suppress(errors.ModelError):\n"
        "    app.fetch(app.TranscribeOptions(offline=True), recognize=False)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "stenograf.engines.diarization.onnx" in loaded
    assert not (HEAVY - {"numpy", "pydantic"}) & loaded


def test_unknown_command_is_a_usage_error() -> None:
    """A typing mistake ends with status 2 and the name that was meant."""
    done = subprocess.run(
        [sys.executable, "-m", "stenograf", "transcrib"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "No such command 'transcrib'. Did you mean transcribe?" in done.stderr


@pytest.mark.parametrize("command", ["transcribe", "diarize"])
def test_nothing_is_fetched_for_a_file_that_is_not_there(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong path is told at once, an empty file too, and not after half a gigabyte of model."""
    monkeypatch.setattr(
        "stenograf.app.prepare", lambda *_, **__: pytest.fail("models are looked for")
    )
    monkeypatch.chdir(tmp_path)
    Path("empty.wav").touch()
    for name, said in (("no.wav", "There is no file"), ("empty.wav", "is empty")):
        with pytest.raises(SystemExit) as left:
            main([command, name])
        err = capsys.readouterr().err
        assert (left.value.code, said in err, err.count(name)) == (3, True, 1)


def test_no_color_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal gets red errors, unless NO_COLOR is set."""
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda _, colour: colour is False)
    for value, escapes in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", value)
        print_error(OptionError("No."))
        assert ("\x1b[" in capsys.readouterr().err) == escapes


def test_a_wrong_diarizer_is_told_before_any_model_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hint lists the names that there are."""
    monkeypatch.setattr("stenograf.app.choose_recognizer", lambda _: pytest.fail("too late"))
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(SystemExit) as left:
        main(["transcribe", str(tmp_path / "a.wav"), "--diarizer", "pyanote"])
    err = capsys.readouterr().err
    assert left.value.code == 5
    assert "There is no engine pyanote." in err
    assert "pyannote" in err
