"""What happened in an agent's run: it started, called a tool or a model, decided, ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from schemas.messages.values import Count, LongText, Moment, NonNegative, ShortText
from schemas.nesting import check_nesting
from schemas.timestamps import check_storable

# Policy engines do not agree on words for a decision; in lower case.
ALLOWING_WORDS = ("allow", "allowed", "permit", "permitted", "approve", "approved")
DENYING_WORDS = ("deny", "denied", "block", "blocked", "refuse", "refused", "reject", "rejected")
APPROVAL_WORDS = ("needs_approval", "requires_approval", "approval_required", "ask")


class EventType(StrEnum):
    """What kind of step an event is; a `Span` is a traced step that is none of the others."""

    RUN_START = "RunStart"
    TOOL_CALL = "ToolCall"
    MODEL_CALL = "ModelCall"
    DECISION = "Decision"
    OUTCOME = "Outcome"
    RUN_END = "RunEnd"
    ERROR = "Error"
    SPAN = "Span"


class EventBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is known of the step; `latency_ms` in milliseconds, `attributes` is free JSON by name."""

    run_id: ShortText = ""
    name: ShortText = ""
    tool_name: ShortText = ""
    action: ShortText = ""
    decision: ShortText = ""
    success: bool | None = None
    error_type: ShortText = ""
    message: LongText = ""
    latency_ms: NonNegative | None = None
    cost_tokens: Count | None = None
    provider: ShortText = ""
    model: ShortText = ""
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    trace_id: ShortText = ""
    span_id: ShortText = ""
    parent_span_id: ShortText = ""
    attributes: dict[str, Any] = {}


class EventPayload(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /v1/telemetry/events`; `instance_id` is the agent, `tenant_id` must be the key's if sent."""

    event_type: EventType
    agent_id: str = msgspec.field(name="instance_id")
    tenant_id: ShortText | None = None
    event_id: ShortText = ""
    timestamp: Moment | None = None
    payload: EventBody = msgspec.field(default_factory=EventBody)


class EventRow(msgspec.Struct, omit_defaults=True):
    """A row of `agent_events` beside its stamps.

    Of the token counts, `input_tokens` includes those read from and written to a cache, `output_tokens` those
    spent on reasoning. `attributes` and `resource_attributes` are stored as text by name; `span_events` and
    `span_links` are kept as JSON text.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]] = (
        "name",
        "tool_name",
        "action",
        "decision",
        "error_type",
        "message",
        "attributes",
        "resource_attributes",
        "span_events",
        "span_links",
    )

    event_type: EventType
    event_id: str = ""
    timestamp: datetime | None = None
    run_id: str = ""
    name: str = ""
    tool_name: str = ""
    action: str = ""
    decision: str = ""
    success: bool | None = None
    error_type: str = ""
    message: str = ""
    latency_ms: float | None = None
    cost_tokens: int | None = None
    provider: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    reasoning_tokens: int | None = None
    conversation_id: str = ""
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    span_kind: str = ""
    service_name: str = ""
    scope_name: str = ""
    attributes: dict[str, Any] = {}
    resource_attributes: dict[str, Any] = {}
    span_events: Any = None
    span_links: Any = None


def to_row(payload: EventPayload) -> EventRow:
    """The row of an event.

    Raises:
        InvalidMessageError: a date that cannot be stored, or attributes that are nested too deep.
    """
    body = payload.payload
    if body.attributes:
        check_nesting(body.attributes, "payload.attributes")
    if payload.timestamp is not None:
        check_storable(payload.timestamp, "timestamp")
    return EventRow(
        event_type=payload.event_type,
        event_id=payload.event_id,
        timestamp=payload.timestamp,
        run_id=body.run_id,
        name=body.name,
        tool_name=body.tool_name,
        action=body.action,
        decision=body.decision,
        success=body.success,
        error_type=body.error_type,
        message=body.message,
        latency_ms=body.latency_ms,
        cost_tokens=body.cost_tokens,
        provider=body.provider,
        model=body.model,
        input_tokens=body.input_tokens,
        output_tokens=body.output_tokens,
        trace_id=body.trace_id,
        span_id=body.span_id,
        parent_span_id=body.parent_span_id,
        attributes=body.attributes,
    )
