"""Webhooks: who is told of which derived events, and what became of telling them."""

from enum import StrEnum

import msgspec

from schemas.messages.values import Severity

# As the CloudEvents types of what is derived; nobody subscribes to it.
TEST_TYPE = "io.promethios.webhook.test.v1"
TEST_SOURCE = "/promethios/webhooks"

# How Standard Webhooks writes a symmetric secret: this, then base64.
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with


class BodyFormat(StrEnum):
    """What is sent: the CloudEvent as JSON, or a text for a chat that takes what Slack takes."""

    CLOUDEVENTS = "cloudevents"
    SLACK = "slack"


class SigningSecret(msgspec.Struct, frozen=True):
    """A secret with its prefix; after a rotation the former one signs too, until `expires_at`."""

    secret: str
    expires_at: int | None = None

    def __repr__(self) -> str:
        # Structs show all fields, and a log shows structs.
        return f"SigningSecret(expires_at={self.expires_at})"


class WebhookTest(msgspec.Struct, frozen=True):
    """Somebody wants a test event sent, once."""

    event_id: str
    requested_at: int


class Webhook(msgspec.Struct, frozen=True):
    """A subscription of a tenant; times in milliseconds.

    It is told of events from `starts_at`, which is moved on when it is enabled again. No `event_types` means
    all but routine ones, no `agent_ids` all agents; events of a type without a severity pass `min_severity`.
    A deleted one keeps its id and loses its url and secrets.
    """

    webhook_id: str
    tenant_id: str
    url: str
    secrets: tuple[SigningSecret, ...]
    created_at: int
    changed_at: int
    starts_at: int
    name: str = ""
    event_types: tuple[str, ...] = ()
    min_severity: Severity | None = None
    agent_ids: tuple[str, ...] = ()
    body_format: BodyFormat = BodyFormat.CLOUDEVENTS
    enabled: bool = True
    created_by: str | None = None
    deleted_at: int | None = None
    test: WebhookTest | None = None


class DeliveryOutcome(StrEnum):
    """What came of an attempt; `undeliverable` means that it is not tried again."""

    DELIVERED = "delivered"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"


class WebhookDelivery(msgspec.Struct, frozen=True):
    """One attempt: `attempt` counts from 1, and is 0 where a notification was given up without any.

    `notification_id` is the event's id, and what is sent as `webhook-id`; `http_status` is 0 where there was
    no answer, and `error` says why. `url` is not here: it may hold a secret.
    """

    tenant_id: str
    agent_id: str
    webhook_id: str
    notification_id: str
    event_type: str
    attempt: int
    outcome: DeliveryOutcome
    http_status: int
    error: str
    duration_ms: int
    retry_at: str | None
