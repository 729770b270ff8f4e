"""Keys: who may use the server, without the library knowing their tokens."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

from stenograf.core.errors import DatabaseBusyError, KeyNotFoundError, OptionError
from stenograf.library.database import reading, writing
from stenograf.library.incoming import printable
from stenograf.library.records import SCOPES, Key, Scope
from stenograf.library.shelf import Shelf, new_id, record

BEGINNING: Final = "stg_"  # so that people and scanners know it for what it is
TOKEN_BYTES: Final = 32
SHOWN_CHARS: Final = 12  # of some 47; the rest still has 208 bits
LAST_USE_EVERY_S: Final = 60.0


class KeyShelf(Shelf):
    """The part of the library that holds keys."""

    def create_key(self, name: str, scopes: Iterable[Scope]) -> tuple[Key, str]:
        """A new key and its token, which can never be shown again: only its hash is kept.

        Raises OptionError for a scope nobody knows, or none.
        """
        from stenograf.library.tables import keys

        token = BEGINNING + secrets.token_urlsafe(TOKEN_BYTES)
        key = Key(
            id=new_id(),
            name=printable(name)[:200] or "key",
            prefix=token[:SHOWN_CHARS],
            scopes=_checked(scopes),
            created_at=self.now(),
            last_used_at=None,
            revoked_at=None,
        )
        row = {field: getattr(key, field) for field in Key.__dataclass_fields__}
        with writing(self.engine) as connection:
            connection.execute(keys.insert().values(row | {"token_sha256": _hashed(token)}))
        return key, token

    def find_key(self, token: str) -> Key | None:
        """The key of this token; None for a token that is unknown or revoked.

        It is looked up by its hash, which nobody can steer towards a stored one, so the time that
        takes tells nothing. The last use is noted once a minute, or not when the database is busy.
        """
        from stenograf.library.tables import keys

        hashed = _hashed(token)
        query = keys.select().where(keys.c.token_sha256 == hashed, keys.c.revoked_at.is_(None))
        with reading(self.engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None or not hmac.compare_digest(row["token_sha256"], hashed):
            return None
        key = _key(row)
        if self.now() - (key.last_used_at or 0.0) >= LAST_USE_EVERY_S:
            self._note_use(key.id)
        return key

    def keys(self) -> list[Key]:
        """Every key, oldest first, the revoked ones too."""
        from stenograf.library.tables import keys

        with reading(self.engine) as connection:
            query = keys.select().order_by(keys.c.created_at, keys.c.id)
            rows = connection.execute(query).mappings().all()
        return [_key(row) for row in rows]

    def revoke_key(self, key_id: str) -> Key:
        """The key, good for nothing from now on; raises KeyNotFoundError."""
        from stenograf.library.tables import keys

        this = keys.c.id == key_id
        with writing(self.engine) as connection:
            change = keys.update().where(this, keys.c.revoked_at.is_(None))
            connection.execute(change.values(revoked_at=self.now()))
            row = connection.execute(keys.select().where(this)).mappings().one_or_none()
        if row is None:
            raise KeyNotFoundError("There is no key {id}.", id=key_id)
        return _key(row)

    def _note_use(self, key_id: str) -> None:
        from stenograf.library.tables import keys

        with suppress(DatabaseBusyError), writing(self.engine) as connection:
            change = keys.update().where(keys.c.id == key_id)
            connection.execute(change.values(last_used_at=self.now()))


def _hashed(token: str) -> str:
    """SHA-256 is enough: nobody guesses 256 random bits, so there is nothing to slow down."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _checked(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    asked = set(scopes)
    unknown = sorted(asked - SCOPES.keys())
    if unknown or not asked:
        raise OptionError(
            "A key needs scopes of these: {known}.",
            hint="Separate them by commas, for example transcribe,read.",
            known=", ".join(SCOPES),
            unknown=unknown,
        )
    return tuple(scope for scope in SCOPES if scope in asked)


def _key(row: Mapping[Any, Any]) -> Key:
    return record(Key, row, scopes=tuple(row["scopes"]))
