"""`stenograf models import | export | verify | convert`: models as files on this disk."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, get_args

import click

from stenograf.cli.exit_codes import EXIT_CODES
from stenograf.core.errors import ModelError
from stenograf.core.ports import OnProgress
from stenograf.messages import translate
from stenograf.models.convert.model_bin import Quantization
from stenograf.models.places import Places

_PATH = click.Path(path_type=Path)


def _places() -> Places:
    from stenograf.app import places_from
    from stenograf.settings import Settings

    return places_from(Settings())


def _bar(label: str) -> Any:
    """A progress bar on standard error that hides where nobody looks."""
    return click.progressbar(length=1000, label=label, file=sys.stderr)


def _follow(bar: Any) -> OnProgress:
    def follow(fraction: float) -> None:
        bar.update(max(0, round(fraction * 1000) - bar.pos))

    return follow


@click.command("import")
@click.argument("path", type=_PATH)
@click.option("--as", "name", help="Which model it is, where its content does not tell.")
def import_(path: Path, name: str | None) -> None:
    """Put a model that was brought by hand where the engines look.

    PATH is a file, a folder, a zip or tar, a git clone, or a bundle made by `models export`.
    """
    from stenograf.models.intake import import_models

    with _bar(translate("Importing")) as bar:
        taken = import_models(path, _places(), name=name, on_progress=_follow(bar))
    for model in taken:
        click.echo(f"{model.name}\t{model.path}")


@click.command("export")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.argument("bundle", type=_PATH)
def export(names: tuple[str, ...], bundle: Path) -> None:
    """Write installed models into one file for a machine without internet."""
    from stenograf.models.bundle import export_models

    with _bar(translate("Exporting")) as bar:
        export_models(names, bundle, _places(), on_progress=_follow(bar))
    click.echo(bundle)


@click.command("verify")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(names: tuple[str, ...], as_json: bool) -> None:
    """Compare models with their hashes and open each in a process of its own."""
    from stenograf.models.verify import installed
    from stenograf.models.verify import verify as check

    places = _places()
    verdicts = [check(name, places) for name in names or installed(places)]
    for verdict in [] if as_json else verdicts:
        state = "; ".join(verdict.faults) or translate("whole")
        click.echo(f"{verdict.name}\t{state}\t{verdict.path}")
    if as_json:
        rows = [
            {
                "name": verdict.name,
                "path": str(verdict.path),
                "hashed": verdict.hashed,
                "faults": verdict.faults,
            }
            for verdict in verdicts
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    if not all(verdict.sound for verdict in verdicts):
        sys.exit(EXIT_CODES[ModelError])


@click.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="[OUT]", type=_PATH, required=False)
@click.option(
    "--quantization",
    type=click.Choice(get_args(Quantization)),
    help="Numbers of the result; as stored when left out.",
)
def convert(source: str, target: Path | None, quantization: Quantization | None) -> None:
    """Turn a Whisper or pyannote checkpoint into the form that the default engines read.

    IN is a file, a folder or the name of an installed model. No network and no torch is needed.
    """
    from stenograf.models.converting import convert_model

    with _bar(translate("Converting")) as bar:
        place = convert_model(
            source, target, _places(), quantization=quantization, on_progress=_follow(bar)
        )
    click.echo(place)


COMMANDS = (import_, export, verify, convert)
"""Added to the group `stenograf models`."""
