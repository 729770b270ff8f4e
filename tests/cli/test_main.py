"""The frame of the command line."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature

from click.testing import CliRunner

import stenograf
from stenograf.api.native.speakers import Recluster
from stenograf.cli.main import COMMANDS, cli
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
    """Each option of a run and of telling speakers apart again is in all three."""
    context = cli.make_context("stenograf", ["--help"], resilient_parsing=True)
    of_command = {
        name: {param.name for param in command.params}
        for name in ("transcribe", "recluster")
        if (command := cli.get_command(context, name))
    }
    assert set(TranscribeOptions.__dataclass_fields__) <= of_command["transcribe"]
    asked = set(signature(stenograf.recluster).parameters) - {"transcript", "evidence"}
    assert asked == set(Recluster.model_fields)
    assert asked <= of_command["recluster"]


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
    """A typing mistake ends with status 2 and a sentence."""
    done = subprocess.run(
        [sys.executable, "-m", "stenograf", "transcrib"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "No such command" in done.stderr
