"""Webhooks, records and notifications to try things with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.derived import Alert, AlertState, DerivedData, DerivedEvent, encode_event
from schemas.messages.values import Severity
from schemas.webhooks import SigningSecret, Webhook
from webhook_dispatcher.notification import Notification, read_notification

TENANT = "acme"
AT = "2026-01-31T12:00:00.250Z"
NOW = 1_769_860_800_250
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK = Webhook("w1", TENANT, "https://example.com/hook", (SigningSecret(SECRET),), 1, 1, 1)
ALERT = Alert(
    TENANT, "scout", "f1", "trust-drop", AlertState.FIRING, Severity.HIGH, "fell", AT, None, ["b:1"]
)


@dataclass
class SampleRecord:
    """What is used of aiokafka's ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def record_of(
    data: DerivedData = ALERT,
    *,
    offset: int = 0,
    partition: int = 0,
    timestamp: int = NOW,
    event_id: str = "",
) -> SampleRecord:
    """A record as the processors write it; its id tells partition and offset unless it is given."""
    made = encode_event(DerivedEvent(event_id or f"e-{partition}-{offset}", f"{TENANT}/scout", NOW, data))
    return SampleRecord(made.topic, partition, offset, timestamp, made.key, made.value, made.headers)


def notification_of(data: DerivedData = ALERT, **fields: Any) -> Notification:  # noqa: ANN401 - as above
    """The same, as it is read."""
    return read_notification(record_of(data, **fields))


def webhook_with(**fields: object) -> Webhook:
    """The sample webhook with other fields."""
    return msgspec.structs.replace(WEBHOOK, **fields)
