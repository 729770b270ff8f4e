"""Other programs told when something happened here: signed, repeated, never to wrong places."""

from stenograf.webhooks.courier import Courier
from stenograf.webhooks.records import EVENTS, Delivery, DeliveryStatus, EventName, Webhook
from stenograf.webhooks.signing import signature
from stenograf.webhooks.store import Webhooks, announce_job

__all__ = [
    "EVENTS",
    "Courier",
    "Delivery",
    "DeliveryStatus",
    "EventName",
    "Webhook",
    "Webhooks",
    "announce_job",
    "signature",
]
