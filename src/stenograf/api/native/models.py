"""Models: what there is, brought and removed, and what is wrong with this machine."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from stenograf.api.auth import MayAdmin, MayReadOwn
from stenograf.api.faults import asked_language
from stenograf.api.native.wire import FAILS, PREFIX, JobOut
from stenograf.api.openapi import example
from stenograf.api.request_id import request_id_of
from stenograf.api.services import Given
from stenograf.api.work import accepted
from stenograf.jobs import NewJob
from stenograf.messages import localize
from stenograf.models.doctor import Check

router = APIRouter(prefix=f"{PREFIX}/models", tags=["models"], responses=FAILS)


class ModelOut(BaseModel):
    """A known model; `installed` says that it is on this machine."""

    model_config = example(
        name="small",
        task="recognize",
        form="ctranslate2",
        size_bytes=486_000_000,
        licence="MIT",
        gated=False,
        installed=True,
    )

    name: str
    task: str
    form: str
    size_bytes: int | None
    licence: str
    gated: bool
    installed: bool


class CheckOut(BaseModel):
    """One thing that was looked at; where it does not work, `hint` is the fix."""

    model_config = example(
        area="hub", name="token", found="none", fault=False, code=None, message=None, hint=None
    )

    area: str
    name: str
    found: str
    fault: bool = Field(description="Something cannot work; else a hint is only advice.")
    code: str | None
    message: str | None
    hint: str | None

    @classmethod
    def of(cls, check: Check, lang: str) -> CheckOut:
        """In this language."""
        advice = localize(check.advice, lang) if check.advice else None
        return cls(
            area=check.area,
            name=check.name,
            found=check.found,
            fault=check.fault,
            code=check.advice.code if check.advice else None,
            message=advice.message if advice else None,
            hint=advice.hint if advice else None,
        )


@router.get("", summary="List models")
def listed(services: Given, caller: MayReadOwn) -> list[ModelOut]:
    """Every known model."""
    return [ModelOut.model_validate(each) for each in services.shelf.listed()]


@router.get("/doctor", summary="Examine this machine")
def doctor(request: Request, services: Given, caller: MayAdmin) -> list[CheckOut]:
    """What works on this machine, and the fix for each fault, as `stenograf doctor` says it."""
    lang = asked_language(request)
    return [CheckOut.of(check, lang) for check in services.shelf.doctor()]


@router.post("/{name:path}/install", summary="Install a model", status_code=202)
def install(name: str, request: Request, services: Given, caller: MayAdmin) -> JobOut:
    """Start a job that brings a model to this machine; its events tell how far it is."""
    new = NewJob(
        kind="install",
        options={"model": services.shelf.may_come(name)},
        key_id=caller.key_id,
        request_id=request_id_of(request.scope),
    )
    return JobOut.of(accepted(services, new))


@router.delete("/{name:path}", summary="Remove a model", status_code=204)
def remove(name: str, services: Given, caller: MayAdmin) -> None:
    """Remove what was installed."""
    services.shelf.remove(name)
