"""Keys: shown once, stored hashed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from stenograf.core.errors import DatabaseBusyError, KeyNotFoundError, OptionError
from stenograf.library import Key, Library


def test_a_token_opens_its_key_only(library: Library) -> None:
    """The right token finds the key; anything else finds none."""
    key, token = library.create_key("laptop", ["read", "transcribe"])
    other, _ = library.create_key("other", ["admin"])
    found = library.find_key(token)
    assert found is not None
    assert found.id == key.id != other.id
    assert found.scopes == ("transcribe", "read")
    for wrong in ("", token[:-1], token + "x", token.upper(), key.prefix, "\ud800"):
        assert library.find_key(wrong) is None


def test_a_token_has_256_random_bits(library: Library) -> None:
    """`stg_` and 43 characters of 6 bits, never the same twice."""
    tokens = {library.create_key("k", ["read"])[1] for _ in range(20)}
    assert len(tokens) == 20
    assert {(token[:4], len(token)) for token in tokens} == {("stg_", 47)}


def test_the_disk_never_holds_a_token(library: Library, tmp_path: Path) -> None:
    """Neither the database nor its log."""
    _, token = library.create_key("k", ["read"])
    library.find_key(token)
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or token[12:].encode() not in path.read_bytes()


def test_a_revoked_key_opens_nothing(library: Library) -> None:
    """Revoking is at once and for good; revoking again changes nothing."""
    key, token = library.create_key("k", ["admin"])
    revoked = library.revoke_key(key.id)
    assert revoked.revoked_at is not None
    assert not revoked.allows("read")
    assert library.find_key(token) is None
    assert library.revoke_key(key.id) == revoked
    assert library.keys() == [revoked]
    with pytest.raises(KeyNotFoundError):
        library.revoke_key("0" * 32)


def test_scopes_allow_what_they_say(library: Library) -> None:
    """Only admin means everything."""
    reader, admin = (library.create_key("k", [scope])[0] for scope in ("read", "admin"))
    assert reader.allows("read")
    assert not reader.allows("write")
    assert admin.allows("write")


@pytest.mark.parametrize("scopes", [[], ["raed"], ["read", "root"]])
def test_unknown_scopes_are_refused(library: Library, scopes: Any) -> None:
    """A key that a typing error made weaker or stronger helps nobody."""
    with pytest.raises(OptionError):
        library.create_key("k", scopes)


def test_the_last_use_is_noted_once_a_minute(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of requests a second write once."""
    _, token = library.create_key("k", ["read"])
    at = 1e9

    def used(now: float) -> float | None:
        monkeypatch.setattr(library, "now", lambda: now)
        library.find_key(token)
        return library.keys()[0].last_used_at

    assert [used(at), used(at + 59), used(at + 60)] == [at, at, at + 60]


def test_a_busy_database_locks_nobody_out(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noting the last use may fail; the key is good all the same."""

    def busy(engine: Engine) -> Any:
        raise DatabaseBusyError("Busy.")

    _, token = library.create_key("k", ["read"])
    monkeypatch.setattr("stenograf.library.keys.writing", busy)
    assert isinstance(library.find_key(token), Key)
