"""`stenograf keys`: who may use the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import KeyNotFoundError, LibraryError
from stenograf.messages import translate

if TYPE_CHECKING:
    from stenograf.library import Key, Library

Command = TypeVar("Command", bound=Callable[..., Any])


def data_dir_option(command: Command) -> Command:
    """Which library a command works on."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the library, instead of STENOGRAF_DATA_DIR.",
    )(command)


@click.group(short_help="Who may use the server.")
def keys() -> None:
    """Keys for the server: made, listed, revoked.

    A key's token is shown once, when it is made; the library keeps only its hash. The scopes are
    transcribe (bring recordings and get what comes of these), read (see, hear and search the
    library), write (change and delete) and admin (everything).
    """


@keys.command(short_help="Make a key and print its token.")
@click.argument("name")
@click.option(
    "--scopes",
    default="transcribe,read,write",
    show_default=True,
    metavar="LIST",
    help="What the key allows, separated by commas.",
)
@data_dir_option
def create(name: str, scopes: str, data_dir: Path | None) -> None:
    """Make a key for NAME, which says who or what will use it.

    Only the token goes to standard output.
    """
    wanted: Any = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    with library_in(data_dir) as library:
        key, token = library.create_key(name, wanted)
    click.echo(token)
    click.echo(
        translate("Made the key {id}. Its token is not shown again.").format(id=key.id), err=True
    )


@keys.command("list", short_help="Every key, the revoked ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir_option
def list_(as_json: bool, data_dir: Path | None) -> None:
    """Every key: how its token begins, its scopes, when it was last used."""
    with library_in(data_dir) as library:
        found = library.keys()
    if as_json:
        rows = [{name: getattr(key, name) for name in key.__dataclass_fields__} for key in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for key in found:
        click.echo("  ".join(_line(key)))


@keys.command(short_help="Take a key back.")
@click.argument("key", metavar="ID")
@data_dir_option
def revoke(key: str, data_dir: Path | None) -> None:
    """Revoke a key at once and for good; ID may also be how its token begins."""
    with library_in(data_dir) as library:
        revoked = library.revoke_key(_id_of(library, key))
    click.echo(translate("Revoked the key {id}.").format(id=revoked.id))


def library_in(data_dir: Path | None) -> Library:
    """The library of a folder, else of the settings; raises LibraryError without the extra."""
    from stenograf.settings import Settings

    try:
        from stenograf.library import open_library
    except ModuleNotFoundError as missing:
        raise LibraryError(
            "The package {package} is missing.",
            hint=INSTALL_EXTRA,
            extra=with_extra("server"),
            package=missing.name,
        ) from missing
    settings = Settings()
    url = settings.database_url
    return open_library(
        data_dir or settings.library_dir,
        database_url=url.get_secret_value() if url and data_dir is None else None,
    )


def _id_of(library: Library, given: str) -> str:
    """The id of the only key that is meant; raises KeyNotFoundError."""
    listed = library.keys()
    meant = [key for key in listed if given in {key.id, key.prefix}]
    if len(meant) != 1:
        raise KeyNotFoundError("There is no key {id}.", id=given)
    return meant[0].id


def _line(key: Key) -> list[str]:
    used = translate("never used") if key.last_used_at is None else _date(key.last_used_at)
    state = translate("revoked") if key.revoked_at is not None else used
    return [key.id, f"{key.prefix}…", ",".join(key.scopes), state, key.name]


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
