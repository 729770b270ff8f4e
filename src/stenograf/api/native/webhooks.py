"""Webhooks: made, tried, looked at, told once more."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from stenograf.api.auth import MayAdmin
from stenograf.api.native.recordings import Limit, Offset
from stenograf.api.native.wire import FAILS, PREFIX
from stenograf.api.openapi import example
from stenograf.api.services import Given
from stenograf.webhooks import Delivery, DeliveryStatus, EventName, Webhook

router = APIRouter(prefix=PREFIX, tags=["webhooks"], responses=FAILS)


class NewWebhook(BaseModel):
    """Where to tell what; with `key_id` only of that key's jobs."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2000, examples=["https://example.org/hooks/stenograf"])
    events: list[EventName] = Field(min_length=1, examples=[["job.done", "job.failed"]])
    key_id: str | None = None


class WebhookOut(BaseModel):
    """A webhook without its secret."""

    model_config = example(
        id="77de51a0b3c24f6e9d8c7b6a5f4e3d2c",
        url="https://example.org/hooks/stenograf",
        events=["job.done"],
        key_id=None,
        created_at=1_763_712_000.0,
    )

    id: str
    url: str
    events: list[EventName]
    key_id: str | None
    created_at: float

    @classmethod
    def of(cls, hook: Webhook) -> WebhookOut:
        """From what the room hands out."""
        return cls(**{name: getattr(hook, name) for name in WebhookOut.model_fields})


class MadeWebhook(BaseModel):
    """The secret signs every delivery and is shown this one time; see docs/webhooks.md."""

    webhook: WebhookOut
    secret: str = Field(examples=["whsec_..."])


class DeliveryOut(BaseModel):
    """One event on its way to a webhook, or arrived."""

    model_config = example(
        id="1f2e3d4c5b6a47988796a5b4c3d2e1f0",
        webhook_id="77de51a0b3c24f6e9d8c7b6a5f4e3d2c",
        event="job.done",
        status="delivered",
        attempt=1,
        next_at=1_763_712_000.0,
        response_status=204,
        error=None,
        created_at=1_763_712_000.0,
        delivered_at=1_763_712_000.4,
    )

    id: str
    webhook_id: str
    event: EventName
    status: DeliveryStatus
    attempt: int
    next_at: float
    response_status: int | None
    error: str | None
    created_at: float
    delivered_at: float | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        """From what the room hands out."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class DeliveriesOut(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryOut]
    total: int = Field(examples=[1])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


@router.post("/webhooks", summary="Make a webhook", status_code=201)
def new(asked: NewWebhook, services: Given, caller: MayAdmin) -> MadeWebhook:
    """Make a webhook; addresses inside private networks are refused unless a setting allows it."""
    hook = services.webhooks.create(asked.url, asked.events, key_id=asked.key_id)
    return MadeWebhook(webhook=WebhookOut.of(hook), secret=hook.secret)


@router.get("/webhooks", summary="List webhooks")
def listed(services: Given, caller: MayAdmin) -> list[WebhookOut]:
    """Every webhook."""
    found: list[Webhook] = services.webhooks.list()
    return [WebhookOut.of(hook) for hook in found]


@router.delete("/webhooks/{id}", summary="Delete a webhook", status_code=204)
def delete(id: str, services: Given, caller: MayAdmin) -> None:
    """Forget it and its deliveries."""
    services.webhooks.delete(id)


@router.post("/webhooks/{id}/ping", summary="Ping a webhook", status_code=202)
def ping(id: str, services: Given, caller: MayAdmin) -> DeliveryOut:
    """Send an event that says nothing."""
    return DeliveryOut.of(services.webhooks.ping(id))


@router.get("/webhooks/{id}/deliveries", summary="List deliveries")
def deliveries(
    id: str,
    services: Given,
    caller: MayAdmin,
    status: DeliveryStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> DeliveriesOut:
    """What it was told, and what it will be."""
    page = services.webhooks.deliveries(id, status=status, limit=limit, offset=offset)
    items = [DeliveryOut.of(each) for each in page.items]
    return DeliveriesOut(items=items, total=page.total, limit=limit, offset=offset)


@router.post("/deliveries/{id}/replay", summary="Replay a delivery", status_code=202)
def replay(id: str, services: Given, caller: MayAdmin) -> DeliveryOut:
    """Tell it once more."""
    return DeliveryOut.of(services.webhooks.replay(id))
