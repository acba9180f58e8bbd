"""A violation of policy that an agent (or its wrapper) reports."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from schemas.errors import InvalidMessageError
from schemas.messages.values import LongText, Moment, Name, Severity
from schemas.nesting import check_nesting
from schemas.timestamps import check_storable

_NULL = {"type": "null"}
_GIVEN = {"not": _NULL}
WRAPPED_OR_BARE = {
    "oneOf": [
        {
            "required": ["violation"],
            "properties": {"violation": _GIVEN, "type": _NULL, "severity": _NULL},
        },
        {
            "required": ["type", "severity"],
            "properties": {"violation": _NULL, "type": _GIVEN, "severity": _GIVEN},
        },
    ]
}


class ViolationBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What was violated; `context` is free JSON."""

    type: Name
    severity: Severity
    description: LongText = ""
    context: Any = None
    timestamp: Moment | None = None


class ViolationPayload(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """`POST /api/v1/governance/violations`: the violation in a field of its own, or its fields bare."""

    agent_id: str
    violation: ViolationBody | None = None
    type: Name | None = None
    severity: Severity | None = None
    description: LongText = ""
    context: Any = None
    timestamp: Moment | None = None


class ViolationRow(msgspec.Struct, omit_defaults=True):
    """A row of `reported_violations` beside its stamps; `context` is kept as JSON text."""

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("violation_type", "description", "context")

    violation_type: str
    severity: Severity
    description: str = ""
    context: Any = None
    timestamp: datetime | None = None


def body_to_row(body: ViolationBody, fallback: datetime | None) -> ViolationRow:
    """The row of a violation; `fallback` is the time of the message that carried it.

    Raises:
        InvalidMessageError: a date that cannot be stored, or a context that is nested too deep.
    """
    if body.context is not None:
        check_nesting(body.context, "context")
    timestamp = body.timestamp or fallback
    if timestamp is not None:
        check_storable(timestamp, "timestamp")
    return ViolationRow(body.type, body.severity, body.description, body.context, timestamp)


def to_row(payload: ViolationPayload) -> ViolationRow:
    """The row of a reported violation in either form.

    Raises:
        InvalidMessageError: neither form is complete, both are given, a date cannot be stored, or the
            context is nested too deep.
    """
    return body_to_row(_body_of(payload), payload.timestamp)


def _body_of(payload: ViolationPayload) -> ViolationBody:
    if payload.violation is not None:
        if payload.type is not None or payload.severity is not None:
            raise InvalidMessageError("give the violation wrapped or bare, not both", field="violation")
        return payload.violation
    if payload.type is None:
        raise InvalidMessageError(
            "Object missing required field `type` (or a `violation` object)", field="type"
        )
    if payload.severity is None:
        raise InvalidMessageError("Object missing required field `severity`", field="severity")
    return ViolationBody(payload.type, payload.severity, payload.description, payload.context)
