"""A heartbeat: the agent is alive, and says how it is."""

from datetime import datetime
from typing import ClassVar

import msgspec

from schemas.messages.values import AgentHealth, Moment, NonNegative
from schemas.timestamps import check_storable


class HeartbeatPayload(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """`POST /api/v1/agents/heartbeat`; `uptime` is in seconds."""

    agent_id: str
    status: AgentHealth
    uptime: NonNegative | None = None
    last_activity: Moment | None = None
    timestamp: Moment | None = None


class HeartbeatRow(msgspec.Struct, omit_defaults=True):
    """A row of `heartbeats` beside its stamps."""

    FREE_TEXT: ClassVar[tuple[str, ...]] = ()

    status: AgentHealth
    timestamp: datetime | None = None
    uptime_seconds: float | None = None
    last_activity: datetime | None = None


def to_row(payload: HeartbeatPayload) -> HeartbeatRow:
    """The row of a heartbeat.

    Raises:
        InvalidMessageError: a date that cannot be stored.
    """
    if payload.timestamp is not None:
        check_storable(payload.timestamp, "timestamp")
    if payload.last_activity is not None:
        check_storable(payload.last_activity, "lastActivity")
    return HeartbeatRow(payload.status, payload.timestamp, payload.uptime, payload.last_activity)
