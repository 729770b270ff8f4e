"""Models: what there is, where it lies, what is missing."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from stenograf.api.auth import MayAdmin, MayReadOwn
from stenograf.api.native.wire import FAILS, PREFIX
from stenograf.api.services import Given

router = APIRouter(prefix=f"{PREFIX}/models", tags=["models"], responses=FAILS)


class ModelOut(BaseModel):
    """A known model; `installed` says that it is on this machine."""

    name: str
    task: str
    form: str
    size_bytes: int | None
    licence: str
    gated: bool
    installed: bool


@router.get("")
def listed(services: Given, caller: MayReadOwn) -> list[ModelOut]:
    """Every known model."""
    return [ModelOut.model_validate(each) for each in services.shelf.listed()]


@router.post("/{name:path}/install", status_code=202)
def install(name: str, services: Given, caller: MayAdmin) -> ModelOut:
    """Bring a model to this machine and wait until it is here."""
    services.shelf.install(name)
    return ModelOut.model_validate(services.shelf.one(name))


@router.delete("/{name:path}", status_code=204)
def remove(name: str, services: Given, caller: MayAdmin) -> None:
    """Remove what was installed."""
    services.shelf.remove(name)
