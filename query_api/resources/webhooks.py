"""Webhooks: who is told of which events, and what came of it."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.resources.values import Id, Moment, PageParameters, from_milliseconds
from schemas.derived import DERIVED_TYPES
from schemas.messages.values import Severity
from schemas.webhooks import BodyFormat, DeliveryOutcome, Webhook

_DAY_SECONDS = 24 * 60 * 60
_MOST_AGENTS = 100
_EVENT_TYPES = sorted(derived.name for derived in DERIVED_TYPES)


def _check_event_type(text: str) -> str:
    if text not in _EVENT_TYPES:
        raise ValueError(f"must be one of {', '.join(_EVENT_TYPES)}")
    return text


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text on one line")
    return text


def _without_repeats(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))


Url = Annotated[str, Field(max_length=2048, examples=["https://example.com/hooks/promethios"])]
WebhookName = Annotated[
    str, AfterValidator(_check_printable), Field(max_length=100, examples=["on-call, Frankfurt"])
]
EventTypes = Annotated[
    list[Annotated[str, AfterValidator(_check_event_type), Field(json_schema_extra={"enum": _EVENT_TYPES})]],
    Field(
        description="CloudEvents types; none means all but spend",
        examples=[["io.promethios.alert.changed.v1"]],
    ),
    AfterValidator(_without_repeats),
]
AgentIds = Annotated[
    list[Id],
    Field(max_length=_MOST_AGENTS, description="none means all agents", examples=[["scout-1"]]),
    AfterValidator(_without_repeats),
]
MinSeverity = Annotated[
    Severity | None, Field(description="of alerts and violations; events without a severity pass")
]
Format = Annotated[
    BodyFormat, Field(description="the CloudEvent as JSON, or a text as Slack's incoming webhooks take it")
]


class NewWebhook(BaseModel):
    """A webhook to be created: told of everything in its tenant unless said otherwise."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "on-call, Frankfurt",
                    "url": "https://example.com/hooks/promethios",
                    "event_types": ["io.promethios.alert.changed.v1"],
                    "min_severity": "high",
                }
            ]
        },
    )

    url: Url
    name: WebhookName = ""
    event_types: EventTypes = []
    min_severity: MinSeverity = None
    agent_ids: AgentIds = []
    body_format: Format = BodyFormat.CLOUDEVENTS
    enabled: bool = True

    def wish(self) -> dict[str, Any]:
        """The same, as the record has it."""
        return _for_record(self)


class WebhookChange(BaseModel):
    """What is to change of a webhook; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    # By factories, because a default in the schema would promise that it takes the place of what stands.
    url: Url = Field(default_factory=str)
    name: WebhookName = Field(default_factory=str)
    event_types: EventTypes = Field(default_factory=list)
    min_severity: MinSeverity = Field(default_factory=lambda: None)
    agent_ids: AgentIds = Field(default_factory=list)
    body_format: Format = Field(default_factory=lambda: BodyFormat.CLOUDEVENTS)
    enabled: bool = Field(default_factory=lambda: True)

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, as the record has them."""
        return {name: value for name, value in _for_record(self).items() if name in self.model_fields_set}


class SecretRotation(BaseModel):
    """How long the former secret signs beside the new one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_seconds": 3600}]})

    overlap_seconds: int = Field(
        default=_DAY_SECONDS, ge=0, le=30 * _DAY_SECONDS, description="0 ends it at once"
    )


class WebhookDetails(BaseModel):
    """A webhook without its secrets; `secrets_expire_at` are the ends of former ones that still sign."""

    webhook_id: str = Field(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])
    tenant_id: str
    url: str
    name: str
    event_types: list[str]
    min_severity: Severity | None
    agent_ids: list[str]
    body_format: BodyFormat
    enabled: bool
    created_at: Moment
    created_by: str | None
    changed_at: Moment
    secrets_expire_at: list[Moment]

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """The details of a control record."""
        return cls(
            webhook_id=webhook.webhook_id,
            tenant_id=webhook.tenant_id,
            url=webhook.url,
            name=webhook.name,
            event_types=list(webhook.event_types),
            min_severity=webhook.min_severity,
            agent_ids=list(webhook.agent_ids),
            body_format=webhook.body_format,
            enabled=webhook.enabled,
            created_at=from_milliseconds(webhook.created_at),
            created_by=webhook.created_by,
            changed_at=from_milliseconds(webhook.changed_at),
            secrets_expire_at=_ends(webhook),
        )


class WebhookWithSecret(WebhookDetails):
    """A webhook with its newest secret, which is shown here and never again."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])


class WebhookList(BaseModel):
    """All webhooks of a tenant, oldest first."""

    webhooks: list[WebhookDetails]


class SentTest(BaseModel):
    """A test event is on its way; its deliveries carry this id, as does the request in `webhook-id`."""

    notification_id: str


class DeliveryParameters(PageParameters):
    """Which deliveries."""

    outcome: DeliveryOutcome | None = None
    notification_id: str | None = Field(default=None, max_length=256)


class Delivery(BaseModel):
    """One attempt; `http_status` is null where there was no answer, and `error` says why.

    `attempt` is 0 where a notification was given up without any; `retry_at` is null where none follows.
    """

    delivery_id: str
    attempted_at: Moment
    notification_id: str
    event_type: str
    agent_id: str | None
    attempt: int
    outcome: DeliveryOutcome
    http_status: int | None
    error: str | None
    duration_ms: int
    retry_at: Moment | None


class DeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    deliveries: list[Delivery]
    next_cursor: str | None


def _ends(webhook: Webhook) -> list[datetime]:
    ends = (secret.expires_at for secret in webhook.secrets)
    return [from_milliseconds(end) for end in ends if end is not None]


def _for_record(wanted: NewWebhook | WebhookChange) -> dict[str, Any]:
    return {
        "url": wanted.url,
        "name": wanted.name,
        "event_types": tuple(wanted.event_types),
        "min_severity": wanted.min_severity,
        "agent_ids": tuple(wanted.agent_ids),
        "body_format": wanted.body_format,
        "enabled": wanted.enabled,
    }
