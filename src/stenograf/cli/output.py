"""Where results go: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from stenograf.core.errors import DiskFullError, OutputError
from stenograf.core.transcript import Transcript

DEFAULT_FORMAT = "txt"


def parse_formats(
    ctx: click.Context | None, param: click.Parameter | None, value: str | None
) -> tuple[str, ...]:
    """Names of formats from a list with commas; raises OptionError for one that nobody knows."""
    if value is None:
        return ()
    from stenograf.export import format_named

    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    return tuple(dict.fromkeys(format_named(name).name for name in names))


@dataclass(slots=True)
class Outputs:
    """The results of one call.

    Without a folder and with at most one text format they go to standard output; otherwise each
    recording gives one file per format, named after it, in the folder (default: here).
    """

    folder: Path | None
    formats: tuple[str, ...]
    stems: Mapping[str, str]
    written: list[Path] = field(default_factory=list)

    def write(self, argument: str, transcript: Transcript) -> None:
        """Render one document in every format asked for; raises OutputError."""
        from stenograf.export import format_named

        formats = [format_named(name) for name in self.formats or (DEFAULT_FORMAT,)]
        if self.folder is None and len(formats) == 1 and formats[0].is_text:
            self._print(argument, formats[0].render(transcript))
            return
        for chosen in formats:
            path = (self.folder or Path()) / f"{self.stems[argument]}{chosen.suffix}"
            write_whole(path, chosen.render(transcript))
            self.written.append(path)

    def _print(self, argument: str, content: bytes) -> None:
        if len(self.stems) > 1:
            click.echo(f"== {argument} ==")
        write_standard_output(content)

    def report(self, *, quiet: bool) -> None:
        """Say where the files lie."""
        if not quiet:
            for path in self.written:
                click.echo(f"wrote {path}", err=True)


def write_standard_output(content: bytes) -> None:
    """Bytes as they are, ending with a line break when a terminal shows them."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    if sys.stdout.isatty() and not content.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                part.write(content)
                part.close()
                Path(part.name).replace(path)
            except OSError:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else OutputError
        raise kind(
            "{path} cannot be written: {reason}", path=path, reason=error.strerror or error
        ) from error
