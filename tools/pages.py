"""Write docs/cli.md, docs/settings.md and docs/routes.md from the code.

python -m tools.pages            write the pages
python -m tools.pages --check    exit status 1 when one is stale
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from stenograf.cli.main import cli
from stenograf.settings import Settings
from tools.routes import routes_page

DOCS: Final = Path(__file__).parents[1] / "docs"
MADE_FROM_CODE: Final = "<!-- Made from the code by `python -m tools.pages`. -->"


def cli_page() -> str:
    """Every command with its help text, as the terminal shows it."""
    parts = [
        "# Commands",
        MADE_FROM_CODE,
        "Also as `python -m stenograf`; [errors.md](errors.md) has the exit statuses.",
    ]
    for path, command in _commands(("stenograf",), cli):
        context = click.Context(command, info_name=" ".join(path), max_content_width=100)
        context.terminal_width = 100
        parts.append(f"## {' '.join(path)}\n\n```text\n{command.get_help(context).rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def _commands(
    path: tuple[str, ...], command: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _commands((*path, name), child)


def settings_page() -> str:
    """Every setting with its environment variables, default and meaning."""
    rows = [
        "# Settings",
        "",
        MADE_FROM_CODE,
        "",
        "Read from the environment and from a file `.env` in the current folder; a command-line",
        "option or an argument outweighs them. `STENOGRAF_LANG` (`en`, `ru`) is the language of",
        "messages, from the environment only; without it the locale decides.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {None, ""} else f"`{field.default}`"
        rows.append(f"| {_variables(name)} | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def _variables(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    if alias is None:
        return f"`STENOGRAF_{name.upper()}`"
    choices = getattr(alias, "choices", [alias])
    return ", ".join(f"`{choice}`" for choice in choices)


PAGES: Final[dict[str, Callable[[], str]]] = {
    "cli.md": cli_page,
    "settings.md": settings_page,
    "routes.md": lambda: routes_page(MADE_FROM_CODE),
}


def main() -> int:
    """Write the pages, or only compare them; returns the exit status."""
    os.environ["STENOGRAF_LANG"] = "en"
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8", newline="\n")
    if stale and "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run: python -m tools.pages", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
