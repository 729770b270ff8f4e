"""Where results go: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import click

from stenograf.core.errors import DiskFullError, OptionError, OutputError
from stenograf.core.transcript import Transcript
from stenograf.messages import translate

if TYPE_CHECKING:
    from stenograf.core.evidence import SpeakerEvidence
    from stenograf.export.formats import FileKind

DEFAULT_FORMAT = "txt"


def parse_formats(
    ctx: click.Context | None, param: click.Parameter | None, value: str | None
) -> tuple[str, ...]:
    """Names of formats from a list with commas; raises OptionError for one that nobody knows."""
    if value is None:
        return ()
    return tuple(dict.fromkeys(transcript_format(name).name for name in names_in(value)))


def names_in(listed: str) -> list[str]:
    """Names from a list with commas, in small letters.

    >>> names_in("md, DOCX,")
    ['md', 'docx']
    """
    return [name.strip().lower() for name in listed.split(",") if name.strip()]


def transcript_format(name: str) -> FileKind:
    """The format of transcripts with this name; raises OptionError for one that nobody knows."""
    from stenograf.export import format_named

    return format_named(name)


@dataclass(slots=True)
class Outputs:
    """The results of one call.

    Without a folder, one recording in one text format goes to standard output, and so do several
    when no format is asked for; otherwise each recording gives one file per format, named after
    it, in the folder (default: here).
    """

    folder: Path | None
    formats: tuple[str, ...]
    stems: Mapping[str, str]
    named: Callable[[str], FileKind] = transcript_format
    written: list[Path] = field(default_factory=list)

    def check(self) -> None:
        """Raise what writing would raise, before hours of work are spent on it."""
        if self._are_printed():
            return
        folder = self.folder or Path()
        if folder.suffix.lower() in _suffixes() and not folder.is_dir():
            raise OptionError(
                "{path} looks like a file; -o names a folder.",
                hint="Name the folder with -o and the formats with -f.",
                path=folder,
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise unwritable(folder, error) from error

    def write(
        self, argument: str, transcript: Transcript, evidence: SpeakerEvidence | None = None
    ) -> None:
        """Render one document in every format asked for, evidence beside JSON.

        Raises OutputError.
        """
        from stenograf.export import render

        for path in self.put(argument, lambda name: render(transcript, name)):
            if path.suffix == ".json" and (beside := write_evidence(path, evidence)):
                self.written.append(beside)

    def put(self, argument: str, rendered: Callable[[str], bytes]) -> Iterator[Path]:
        """The file of each format, once it is written with what `rendered` gives for its name.

        What goes to standard output has no file. Raises OutputError.
        """
        if self._are_printed():
            self._print(argument, rendered(self._formats()[0].name))
            return
        for chosen in self._formats():
            path = (self.folder or Path()) / f"{self.stems[argument]}{chosen.suffix}"
            write_whole(path, rendered(chosen.name))
            self.written.append(path)
            yield path

    def _formats(self) -> list[FileKind]:
        return [self.named(name) for name in self.formats or (DEFAULT_FORMAT,)]

    def _are_printed(self) -> bool:
        formats = self._formats()
        readable = len(self.stems) == 1 or not self.formats
        return self.folder is None and readable and len(formats) == 1 and formats[0].is_text

    def _print(self, argument: str, content: bytes) -> None:
        if len(self.stems) > 1:
            content = f"== {argument} ==\n".encode("utf-8", "replace") + content
        write_standard_output(content)

    def report(self, *, quiet: bool) -> None:
        """Say where the files lie."""
        if not quiet:
            for path in self.written:
                click.echo(translate("wrote {path}").format(path=path), err=True)


def evidence_beside(document: Path) -> Path:
    """The name of the evidence that belongs to a document.

    >>> evidence_beside(Path("call.json")).name
    'call.speakers.npz'
    """
    from stenograf.export import EVIDENCE_SUFFIX

    return document.with_name(document.stem + EVIDENCE_SUFFIX)


def write_evidence(document: Path, evidence: SpeakerEvidence | None) -> Path | None:
    """Write the evidence beside its document, if there is any; raises OutputError."""
    if evidence is None:
        return None
    from stenograf.export import render_evidence

    path = evidence_beside(document)
    write_whole(path, render_evidence(evidence))
    return path


def write_standard_output(content: bytes) -> None:
    """Bytes as they are, ending with a line break when a terminal shows them.

    Raises OutputError; a reader who left (`| head`) is a BrokenPipeError, which ends the program.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        if sys.stdout.isatty() and not content.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forsake_standard_output()
        raise unwritable("stdout", error) from error


def forsake_standard_output() -> None:
    """Let what is still buffered go nowhere: Python would complain once more when it ends."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; raises OutputError.

    What is there and no file, like /dev/stdout, is written to and not replaced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise unwritable(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    # Not after its target: that name may already have all the length a file system allows.
    part = path.with_name(f".stenograf-{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def unwritable(path: object, error: OSError) -> OutputError:
    """The error for a result that cannot be written there."""
    kind = DiskFullError if error.errno == errno.ENOSPC else OutputError
    return kind("{path} cannot be written: {reason}", path=path, reason=error.strerror or error)


def _suffixes() -> set[str]:
    from stenograf.export import FORMATS

    return {known.suffix.lower() for known in FORMATS.values()}
