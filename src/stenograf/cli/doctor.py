"""`stenograf doctor`: one screen about this installation."""

from __future__ import annotations

import json
from itertools import groupby

import click

from stenograf.app import places_from
from stenograf.messages import localize
from stenograf.models.doctor import Check, examine
from stenograf.settings import Settings


@click.command(short_help="One screen about this installation.")
@click.option("--offline", is_flag=True, help="Never open a network connection.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(offline: bool, as_json: bool) -> None:
    """What works here, what each engine would do, and the fix for each fault.

    Ends with status 1 if something cannot work. No token is ever shown.
    """
    settings = Settings()
    token = settings.hf_token.get_secret_value() if settings.hf_token else None
    checks = examine(places_from(settings), token=token, offline=offline or settings.offline)
    if as_json:
        click.echo(json.dumps([_fields(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        _print(checks)
    if any(check.fault for check in checks):
        raise click.exceptions.Exit(1)


def _print(checks: list[Check]) -> None:
    for area, group in groupby(checks, key=lambda check: check.area):
        click.secho(area, bold=True)
        for check in group:
            mark = "x" if check.fault else "!" if check.advice else " "
            click.echo(f" {mark} {check.name}: {check.found}")
            if check.advice is not None:
                message, hint = localize(check.advice)
                click.secho(f"     {message}\n     {hint}", fg="red" if check.fault else "yellow")


def _fields(check: Check) -> dict[str, object]:
    advice = localize(check.advice) if check.advice else None
    return {
        "area": check.area,
        "name": check.name,
        "found": check.found,
        "fault": check.fault,
        "code": check.advice.code if check.advice else None,
        "message": advice.message if advice else None,
        "hint": advice.hint if advice else None,
    }
