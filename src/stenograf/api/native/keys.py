"""Keys: made, listed, revoked by those who may do everything."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from stenograf.api.auth import MayAdmin
from stenograf.api.native.wire import FAILS, PREFIX
from stenograf.api.openapi import example
from stenograf.api.services import Given
from stenograf.library import Key, Scope

router = APIRouter(prefix=f"{PREFIX}/keys", tags=["keys"], responses=FAILS)


class NewKey(BaseModel):
    """What the key is for, and what it may do."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, examples=["the Laravel application"])
    scopes: list[Scope] = Field(min_length=1, examples=[["transcribe"]])


class KeyOut(BaseModel):
    """A key without its token; `prefix` is how the token begins."""

    model_config = example(
        id="2b3c4d5e6f708192a3b4c5d6e7f80912",
        name="the Laravel application",
        prefix="stg_Jx3q",
        scopes=["transcribe"],
        created_at=1_763_712_000.0,
        last_used_at=None,
        revoked_at=None,
    )

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: float
    last_used_at: float | None
    revoked_at: float | None

    @classmethod
    def of(cls, key: Key) -> KeyOut:
        """From what the library hands out."""
        names = [name for name in KeyOut.model_fields if name != "scopes"]
        return cls(scopes=list(key.scopes), **{name: getattr(key, name) for name in names})


class MadeKey(BaseModel):
    """The token is shown this one time: only its hash is kept."""

    key: KeyOut
    token: str = Field(examples=["stg_..."])


@router.post("", summary="Make a key", status_code=201)
def new(asked: NewKey, services: Given, caller: MayAdmin) -> MadeKey:
    """Make a key."""
    key, token = services.library.create_key(asked.name, asked.scopes)
    return MadeKey(key=KeyOut.of(key), token=token)


@router.get("", summary="List keys")
def listed(services: Given, caller: MayAdmin) -> list[KeyOut]:
    """Every key, the revoked ones too."""
    found = services.library.keys()
    return [KeyOut.of(key) for key in found]


@router.delete("/{id}", summary="Revoke a key")
def revoke(id: str, services: Given, caller: MayAdmin) -> KeyOut:
    """Make a key useless from now on."""
    return KeyOut.of(services.library.revoke_key(id))
