"""Every code block of every page is run by `tests/e2e/test_pages.py`, or says why not."""

from __future__ import annotations

import configparser
import json
from collections.abc import Callable
from typing import Any

import click
import pytest
import yaml
from tests.docs.blocks import WAYS, all_blocks, blocks, pages
from tests.docs.commands import commands
from tree_sitter import Language, Parser
from tree_sitter_powershell import language as powershell

from stenograf.cli.main import cli
from stenograf.settings import Settings

RUN = frozenset({"sh", "python", "js", "php"})
"""By programs that take their time: in `tests/e2e/test_pages.py`."""

ANYTHING = frozenset({"text"})
"""Has no grammar: shows an output, or says why not."""


def read_json(text: str) -> None:
    json.loads(text)


def read_yaml(text: str) -> None:
    yaml.safe_load(text)


def read_ini(text: str) -> None:
    configparser.ConfigParser(strict=False, interpolation=None).read_string(text)


def read_env(text: str) -> None:
    """Lines of a .env; names that begin like ours are settings."""
    aliases = {str(field.validation_alias) for field in Settings.model_fields.values()}
    known = {f"STENOGRAF_{field.upper()}" for field in Settings.model_fields} | {"STENOGRAF_LANG"}
    for line in filter(None, (line.split("#")[0].strip() for line in text.splitlines())):
        variable, equals, _ = line.partition("=")
        assert equals, line
        ours = not variable.startswith("STENOGRAF_") or variable in known
        assert ours or any(f"'{variable}'" in alias for alias in aliases), variable


def read_powershell(text: str) -> None:
    tree = Parser(Language(powershell())).parse(text.encode())
    assert not tree.root_node.has_error, tree.root_node


READERS: dict[str, Callable[[str], None]] = {
    "json": read_json, "yaml": read_yaml, "ini": read_ini, "env": read_env,
    "powershell": read_powershell,
}  # fmt: skip


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.parent.name + "/" + page.stem)
def test_every_block_is_run_or_says_why_not(page: Any) -> None:
    """Its language is known, and so is its mark."""
    for block in blocks(page):
        assert block.language in RUN | ANYTHING | set(READERS), f"{block}: say which language"
        assert block.reason is None or len(block.reason) > 8, f"{block}: say why it is not run"
        assert block.way in {"", *WAYS}, f"{block}: {block.way!r} is none of {list(WAYS)}"
        if block.language in ANYTHING:
            assert block.way == "output" or block.reason, f"{block}: say whether it is an output"


def test_data_and_scripts_are_what_they_claim_to_be() -> None:
    """By their own parsers, also where they are not run."""
    for block in all_blocks():
        if block.language in READERS:
            try:
                READERS[block.language](block.text)
            except (ValueError, AssertionError, yaml.YAMLError, configparser.Error) as error:
                raise AssertionError(f"{block}: {error}") from error


def test_every_stenograf_command_is_one() -> None:
    """Commands and options exist and take such values, also where they are not run."""
    seen = 0
    for block in all_blocks():
        for arguments in commands(block, "stenograf"):
            seen += 1
            assert understood(cli, arguments) is None, f"{block}: stenograf {' '.join(arguments)}"
    assert seen > 30


def understood(command: click.Command, arguments: list[str]) -> str | None:
    """What is wrong with the arguments; that a file does not exist is not."""
    if isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        inner = command.get_command(click.Context(command), arguments[0])
        return understood(inner, arguments[1:]) if inner else f"no command {arguments[0]}"
    try:
        command.make_context("stenograf", list(arguments))
    except click.exceptions.Exit:
        return None  # --help, --version
    except click.UsageError as error:
        return None if "does not exist" in error.message else error.message
    return None
