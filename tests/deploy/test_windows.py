"""What PSScriptAnalyzer would say of install.ps1, and what strict mode would; nobody has run it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree_sitter import Language, Node, Parser
from tree_sitter_powershell import language as powershell

SCRIPT = Path(__file__).parents[2] / "deploy/windows/install.ps1"
ROOT = Parser(Language(powershell())).parse(SCRIPT.read_bytes()).root_node

CMDLETS = {
    "Get-Content": {"Raw"},
    "Get-ScheduledTask": {"TaskName", "ErrorAction"},
    "Join-Path": set(),
    "New-Item": {"ItemType", "Force", "Path"},
    "New-Object": set(),
    "New-ScheduledTaskAction": {"Execute", "Argument", "WorkingDirectory"},
    "New-ScheduledTaskPrincipal": {"UserId", "LogonType"},
    "New-ScheduledTaskSettingsSet": {
        "RestartCount", "RestartInterval", "ExecutionTimeLimit",
        "AllowStartIfOnBatteries", "DontStopIfGoingOnBatteries",
    },
    "New-ScheduledTaskTrigger": {"AtStartup"},
    "New-TimeSpan": {"Minutes"},
    "Out-Null": set(),
    "Register-ScheduledTask": {
        "TaskName", "Action", "Trigger", "Principal", "Settings", "Force",
    },
    "Set-Content": {"Path", "Value", "Encoding"},
    "Set-StrictMode": {"Version"},
    "Start-ScheduledTask": {"TaskName"},
    "Stop-ScheduledTask": {"TaskName"},
    "Test-Path": set(),
    "Write-Output": set(),
}  # fmt: skip
"""Of Windows PowerShell 5.1, with the parameters that Microsoft's reference gives them."""

APPROVED_VERBS = {"Get", "Invoke", "New", "Set", "Test", "Write"}
"""Of those that `Get-Verb` lists."""

AUTOMATIC = {"_", "env", "lastexitcode", "erroractionpreference"}
"""What PowerShell itself sets or reads."""


ANALYZER = (
    "invoke-expression", "iex ", "write-host", "$global:", "-computername",
    "convertto-securestring",
)  # fmt: skip
"""Code made of text, global state, plain passwords."""

NEWER = (" && ", " || ", "??", "-parallel")
"""What only PowerShell 7 has."""


def nodes(kind: str, within: Node = ROOT) -> Iterator[Node]:
    """All of a kind, in the order of the text."""
    if within.type == kind:
        yield within
    for child in within.children:
        yield from nodes(kind, child)


def text(node: Node) -> str:
    """As it is written."""
    assert node.text is not None
    return node.text.decode()


def names(found: Iterator[Node]) -> list[str]:
    """Of variables, without sign, scope and case: PowerShell has no case."""
    return [re.split(r"[:.]", text(each).lstrip("$@").strip("{}"))[0].lower() for each in found]


def parameters(command: Node) -> Iterator[Node]:
    """Its own, not those of commands inside its arguments."""
    for part in command.children:
        if part.type == "command_elements":
            yield from (each for each in part.children if each.type == "command_parameter")


FUNCTIONS = {text(name) for name in nodes("function_name")}


def test_every_command_is_a_cmdlet_in_full_with_parameters_that_it_has() -> None:
    """No alias and no abbreviation, which differ between versions; nothing that 5.1 lacks."""
    used: dict[str, set[str]] = {}
    for command in nodes("command"):
        called = [text(name) for name in nodes("command_name", command.children[0])]
        if called and called[0] not in FUNCTIONS:
            given = {text(each).lstrip("-") for each in parameters(command)}
            used.setdefault(called[0], set()).update(given)
    assert len(used) > 15
    assert {name for name in used if not used[name] <= CMDLETS[name]} == set()


def test_functions_are_named_by_an_approved_verb() -> None:
    """Which `Get-Verb` lists."""
    assert FUNCTIONS
    assert {name.split("-")[0] for name in FUNCTIONS} <= APPROVED_VERBS


def test_every_variable_is_set_and_used() -> None:
    """Strict mode ends the script at one that is not set; one that nobody reads is a mistake."""
    given = {name for each in nodes("script_parameter") for name in names(nodes("variable", each))}
    looped = {names(nodes("variable", each))[0] for each in nodes("foreach_statement")}
    written = names(
        found for each in nodes("left_assignment_expression") for found in nodes("variable", each)
    )
    everywhere = names(nodes("variable"))
    assert set(everywhere) <= given | looped | set(written) | AUTOMATIC
    once = {name for name in (given | set(written)) - AUTOMATIC if everywhere.count(name) == 1}
    assert once == set()


@pytest.mark.parametrize("forbidden", [*ANALYZER, *NEWER])
def test_nothing_is_in_it_that_an_analyzer_or_5_1_refuses(forbidden: str) -> None:
    """Whatever the case: PowerShell has none."""
    assert forbidden not in SCRIPT.read_text().lower()


def test_it_stops_at_the_first_error_and_is_plain_ascii() -> None:
    """5.1 reads a script without a byte order mark in the machine's code page."""
    script = SCRIPT.read_bytes().decode("ascii")
    assert "Set-StrictMode -Version Latest" in script
    assert "$ErrorActionPreference = 'Stop'" in script


def test_numbers_that_cannot_be_are_refused() -> None:
    """By PowerShell, before anything is installed."""
    script = SCRIPT.read_text()
    for name, limits in (("Port", "1, 65535"), ("Workers", "1, 64")):
        assert re.search(rf"\[ValidateRange\({limits}\)\]\s+\[int\] \${name}\b", script), name
