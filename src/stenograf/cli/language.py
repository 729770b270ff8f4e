"""Help in the reader's language: click's own words and ours."""

from __future__ import annotations

import gettext
import os
from inspect import cleandoc
from typing import TypeVar

import click

from stenograf.messages import DOMAIN, LOCALE, language, translate

CommandT = TypeVar("CommandT", bound=click.Command)


def teach_click() -> None:
    """Let click find its own words ("Usage:", "Missing argument") in our catalogue.

    Click asks gettext's current domain, which looks at LANGUAGE first; a process started from
    here inherits the choice.
    """
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)


def translated(command: CommandT, lang: str | None = None) -> CommandT:
    """The command with its help texts, and those below it, in `lang`; translating twice is safe."""
    command.help = _translated(command.help, lang)
    command.short_help = _translated(command.short_help, lang)
    command.epilog = _translated(command.epilog, lang)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = _translated(parameter.help, lang)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            translated(below, lang)
    return command


def _translated(text: str | None, lang: str | None) -> str | None:
    # A docstring keeps its indentation until click prints it; the catalogue knows none.
    return text and translate(cleandoc(text), lang)
