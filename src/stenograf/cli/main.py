"""The command `stenograf`: its groups are imported only when they are called."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, NamedTuple, NoReturn

import click

from stenograf._version import __version__
from stenograf.cli import language
from stenograf.cli.exit_codes import EXIT_CODES, exit_code
from stenograf.cli.messages import print_error
from stenograf.cli.output import forsake_standard_output, unwritable
from stenograf.core.errors import CancelledError, StenografError
from stenograf.messages import translate


class _Lazy(NamedTuple):
    target: str  # module:attribute
    help: str


COMMANDS: Final[dict[str, _Lazy]] = {
    "transcribe": _Lazy("stenograf.cli.transcribe:transcribe", "Who said what, when."),
    "diarize": _Lazy("stenograf.cli.diarize:diarize", "Who speaks when, without words."),
    "export": _Lazy("stenograf.cli.export:export", "A transcript in other formats."),
    "minutes": _Lazy("stenograf.cli.minutes:minutes", "Minutes of a meeting, from its transcript."),
    "recluster": _Lazy(
        "stenograf.cli.recluster:recluster", "Another number of speakers, without the recording."
    ),
    "speakers": _Lazy(
        "stenograf.cli.speakers:speakers", "Name, merge and split the speakers of a transcript."
    ),
    "evaluate": _Lazy("stenograf.cli.evaluate:evaluate", "Error rates against a reference."),
    "serve": _Lazy("stenograf.cli.serve:serve", "The HTTP server, with its workers."),
    "models": _Lazy("stenograf.cli.models:models", "Find, fetch, import and check models."),
    "worker": _Lazy(
        "stenograf.cli.worker:worker", "Do the jobs of a server that waits for workers."
    ),
    "keys": _Lazy("stenograf.cli.keys:keys", "Who may use the server."),
    "voices": _Lazy(
        "stenograf.cli.voices:voices", "People who are known again in other recordings."
    ),
    "doctor": _Lazy("stenograf.cli.doctor:doctor", "One screen about this installation."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a newcomer's needs."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        module, attribute = lazy.target.split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return language.translated(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named; a typing error gets the nearest names."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as wrong:
            near = get_close_matches(args[0], COMMANDS)
            if not near:
                raise
            message = translate("No such command '{name}'. Did you mean {near}?")
            raise click.UsageError(
                message.format(name=args[0], near=", ".join(near)), ctx
            ) from wrong

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table: `--help` imports none of them."""
        with formatter.section(translate("Commands")):
            formatter.write_dl([(name, translate(lazy.help)) for name, lazy in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Try: stenograf transcribe meeting.mp3 --format docx",
)
@click.version_option(__version__, prog_name="stenograf")
def cli() -> None:
    """Who said what, when: transcripts with speakers, made on your own machine."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with a documented status."""
    language.teach_click()
    _print_any_character()
    try:
        status = language.translated(cli).main(
            args=args, prog_name="stenograf", standalone_mode=False
        )
    except click.exceptions.Exit as left:
        status = left.exit_code
    except click.ClickException as wrong:
        wrong.show()
        status = wrong.exit_code
    except StenografError as error:
        print_error(error)
        status = exit_code(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo(translate("Stopped."), err=True)
        status = EXIT_CODES[CancelledError]
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        forsake_standard_output()
        full = unwritable("stdout", error)
        print_error(full)
        status = exit_code(full)
    sys.exit(status if isinstance(status, int) else 0)


def _print_any_character() -> None:
    """A name that the terminal's encoding lacks is shown with question marks, and stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
