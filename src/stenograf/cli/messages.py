"""What people read when something is wrong, in their language."""

from __future__ import annotations

import os
import re

import click

from stenograf.core.errors import StenografError
from stenograf.core.transcript import Notice
from stenograf.messages import localize, translate


def notice_text(notice: Notice) -> str:
    """A notice as one line, with its hint."""
    return " ".join(filter(None, localize(notice)))


def print_error(error: StenografError, *, subject: str | None = None) -> None:
    """The sentence, the hint and the stable code, on standard error."""
    message, hint = localize(error)
    is_named = subject is None or re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", message)
    prefix = "" if is_named else f"{subject}: "
    colour = False if os.environ.get("NO_COLOR") else None  # https://no-color.org
    click.secho(f"{translate('error')}: {prefix}{message}", fg="red", color=colour, err=True)
    if hint:
        click.echo(f"  {translate('hint')}: {hint}", err=True)
    click.echo(f"  {translate('code')}: {error.code}", err=True)
