"""The files under deploy/ are what their programs accept, and name only what there is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from pydantic import AliasChoices
from tree_sitter import Language, Parser
from tree_sitter_powershell import language as powershell

from stenograf.cli.main import cli
from stenograf.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
DOCKERFILES = sorted((DEPLOY / "docker").iterdir())
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())

EXPOSURE = {"stenograf.service": 1.5, "stenograf-worker@.service": 1.5}
"""Recorded with systemd 252; 0 is nothing exposed, 10 everything."""


def installed(unit: Path, folder: Path) -> Path:
    """The unit as it is on a machine where its program exists."""
    text = unit.read_text().replace("/opt/stenograf/bin/stenograf", sys.executable)
    copy = folder / unit.name
    copy.write_text(text)
    return copy


@pytest.mark.e2e
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Both, together, without a word; the server's wish for a worker is found."""
    units = [str(installed(unit, tmp_path)) for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.e2e
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_units_expose_no_more_than_recorded(unit: Path, tmp_path: Path) -> None:
    """What `systemd-analyze security` says of them."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", str(installed(unit, tmp_path))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    exposure = re.search(r"exposure level for .*: ([\d.]+)", done.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= EXPOSURE[unit.name]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_units_start_commands_that_exist(unit: Path) -> None:
    """With options that the command knows."""
    (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
    program, *arguments = shlex.split(line)
    assert program == "/opt/stenograf/bin/stenograf"
    done = CliRunner().invoke(cli, [*arguments, "--help"])
    assert done.exit_code == 0, done.output


@pytest.mark.e2e
@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.name)
def test_hadolint_has_nothing_to_say(dockerfile: Path) -> None:
    """Neither about pinned bases nor left lists of packages."""
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, dockerfile], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.name)
def test_images_run_as_nobody_and_hold_no_secret(dockerfile: Path) -> None:
    """A numbered user in the last stage, bases with a version, no token among the variables."""
    text = dockerfile.read_text()
    last = text.split("\nFROM ")[-1]
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", last, re.MULTILINE)
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.search(r":\d[\w.-]+$", base) for base in bases)
    assert not re.search("token|password|secret", text, re.IGNORECASE)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.name)
def test_what_images_copy_is_let_in(dockerfile: Path) -> None:
    """.dockerignore keeps everything out but these."""
    copied = {
        name.strip("./")
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile.read_text(), re.MULTILINE)
        for name in line.split()
    }
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert copied == {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.e2e
def test_compose_takes_the_file() -> None:
    """It fits the schema of the Compose Specification, as check-jsonschema carries it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    subprocess.run([*command, str(DEPLOY / "compose.yaml")], check=True, capture_output=True)


def test_compose_opens_ports_on_this_machine_only_and_needs_a_token() -> None:
    """Nothing has capabilities; its own files are there; Prometheus finds the server."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["cap_drop"] == ["ALL"]
    stenograf = compose["services"]["stenograf"]
    assert stenograf["environment"]["STENOGRAF_TOKEN"].startswith("${STENOGRAF_TOKEN:?")
    assert stenograf["read_only"] is True
    assert (ROOT / stenograf["build"]["dockerfile"]).is_file()
    scraped = yaml.safe_load((DEPLOY / compose["configs"]["prometheus"]["file"]).read_text())
    assert scraped["scrape_configs"][0]["static_configs"] == [{"targets": ["stenograf:8000"]}]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_variable_is_a_setting(file: Path) -> None:
    """Names of settings in deploy/ are those that the program reads."""
    known = {f"STENOGRAF_{name}".upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            known.update(map(str, field.validation_alias.choices))
    used = set(re.findall(r"\b(?:STENOGRAF|WHISPER)_[A-Z_]+\b", file.read_text()))
    assert used <= known


def test_the_windows_script_is_powershell() -> None:
    """Its grammar finds no error; nobody has run it here."""
    script = (DEPLOY / "windows" / "install.ps1").read_bytes()
    tree = Parser(Language(powershell())).parse(script)
    assert not tree.root_node.has_error


def test_the_windows_script_takes_what_its_examples_give() -> None:
    """Every parameter is used, and its own help and the docs name no other."""
    script = (DEPLOY / "windows" / "install.ps1").read_text()
    declared = set(re.findall(r"^    \[\w+\] \$(\w+)", script, re.MULTILINE))
    assert declared == {"Package", "Folder", "WhisperModels", "Python", "Port", "Workers"}
    body = script.split("\n)\n", 1)[1]
    assert all(f"${name}" in body for name in declared)
    for text in (script, (ROOT / "docs/production.md").read_text()):
        (example,) = re.findall(r"^\S*install\.ps1 (-.+)$", text, re.MULTILINE)
        assert set(re.findall(r"(?<= )-(\w+) ", f" {example}")) <= declared


def test_the_windows_server_cannot_change_its_own_program() -> None:
    """Its account may read the folder and change what is in it for data and models only."""
    script = (DEPLOY / "windows" / "install.ps1").read_text()
    (folder,) = re.findall(r"\$Folder, '/inheritance:r',\n(.+?)\n\)", script, re.DOTALL)
    assert "*S-1-5-19:(OI)(CI)RX" in folder
    assert re.findall(r"\*S-1-5-19:\S*M'", script) == ["*S-1-5-19:(OI)(CI)M'"]
