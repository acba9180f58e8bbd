"""Which payload each reporting route takes, and the rows that it becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.block import Kind
from schemas.messages import cost, event, heartbeat, log, metrics, violation
from schemas.permissions import Permission


@dataclass(frozen=True, slots=True)
class Nested:
    """Rows of another kind that a payload may carry beside its own."""

    kind: Kind
    rows: Callable[[Any], Sequence[msgspec.Struct]]


@dataclass(frozen=True, slots=True)
class ReportRoute:
    """A route that agents report to: every valid payload gives one row of `kind`, and perhaps `nested` rows.

    `to_row` and `nested.rows` raise InvalidMessageError for what the type alone cannot refuse; `to_rows`,
    where there is one, is `to_row` of each payload in less time. `schema_rule` is what the JSON Schema says
    beyond the payload's type. The agent stands in a field called `agent_field`;
    with `names_tenant` the payload may name its tenant too.
    """

    name: str
    path: str
    permission: Permission
    payload: type[msgspec.Struct]
    kind: Kind
    to_row: Callable[[Any], msgspec.Struct]
    nested: Nested | None = None
    agent_field: str = "agentId"
    names_tenant: bool = False
    schema_rule: Mapping[str, Any] | None = None
    to_rows: Callable[[Sequence[Any]], list[Any]] | None = None

    def rows(self, payloads: Sequence[Any]) -> list[msgspec.Struct]:
        """The row of each payload; raises what `to_row` does for one of them."""
        if self.to_rows is not None and len(payloads) > 1:
            return self.to_rows(payloads)
        to_row = self.to_row
        return [to_row(payload) for payload in payloads]


REPORT_ROUTES = (
    ReportRoute(
        "heartbeat",
        "/api/v1/agents/heartbeat",
        Permission.HEARTBEAT_WRITE,
        heartbeat.HeartbeatPayload,
        Kind.HEARTBEAT,
        heartbeat.to_row,
    ),
    ReportRoute(
        "metrics",
        "/api/v1/governance/metrics",
        Permission.METRICS_WRITE,
        metrics.MetricsPayload,
        Kind.METRICS,
        metrics.to_row,
        Nested(Kind.VIOLATION, metrics.violation_rows),
    ),
    ReportRoute(
        "violation",
        "/api/v1/governance/violations",
        Permission.VIOLATIONS_WRITE,
        violation.ViolationPayload,
        Kind.VIOLATION,
        violation.to_row,
        schema_rule=violation.WRAPPED_OR_BARE,
    ),
    ReportRoute(
        "log",
        "/api/v1/agents/logs",
        Permission.LOGS_WRITE,
        log.LogPayload,
        Kind.LOG,
        log.to_row,
        to_rows=log.to_rows,
    ),
    ReportRoute(
        "event",
        "/v1/telemetry/events",
        Permission.EVENTS_WRITE,
        event.EventPayload,
        Kind.EVENT,
        event.to_row,
        agent_field="instance_id",
        names_tenant=True,
    ),
    ReportRoute(
        "cost",
        "/v1/cost/entries",
        Permission.COSTS_WRITE,
        cost.CostPayload,
        Kind.COST,
        cost.to_row,
        agent_field="instance_id",
        names_tenant=True,
        schema_rule=cost.MONEY_HAS_A_CURRENCY,
    ),
)
