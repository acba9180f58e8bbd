"""Every ClickHouse table of Promethios, said once: its name, and the columns that rows bring."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from schemas.accesses import Access
from schemas.block import Kind
from schemas.derived import AgentStatus, Alert, PolicyViolation, Spend, TrustScore
from schemas.messages.cost import CostRow
from schemas.messages.event import EventRow
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.otel_metric import OtelMetricRow
from schemas.messages.violation import ViolationRow
from schemas.stamps import Stamps
from schemas.topics import Topic
from schemas.webhooks import WebhookDelivery

DATABASE = "promethios"

# The ledger of migrations is no table of ours to write into: only the migration runner knows it.
MIGRATIONS_TABLE = "schema_migrations"


class Table(StrEnum):
    """The name of each table."""

    HEARTBEATS = "heartbeats"
    AGENT_METRICS = "agent_metrics"
    REPORTED_VIOLATIONS = "reported_violations"
    AGENT_LOGS = "agent_logs"
    AGENT_EVENTS = "agent_events"
    COST_LEDGER = "cost_ledger"
    OTEL_METRICS = "otel_metrics"
    TRUST_SCORES = "trust_scores"
    POLICY_VIOLATIONS = "policy_violations"
    ALERTS = "alerts"
    AGENT_STATUS = "agent_status"
    SPEND = "spend"
    WEBHOOK_DELIVERIES = "webhook_deliveries"
    ACCESS_AUDIT = "access_audit"


class Resolution(StrEnum):
    """How long a bucket of a roll-up is."""

    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"


# Tables with roll-ups, one at each resolution: by agent, `bucket` (of the rows' own time) and what they name.
ROLLED_UP = (
    Table.AGENT_METRICS,
    Table.AGENT_LOGS,
    Table.AGENT_EVENTS,
    Table.COST_LEDGER,
    Table.OTEL_METRICS,
)


def roll_up(table: Table, resolution: Resolution) -> str:
    """The table that holds the roll-up; its rows are states to be merged, `day` is when they arrived."""
    return f"{table}_{resolution}"


def roll_up_feed(table: Table, resolution: Resolution) -> str:
    """The materialized view that fills it, from the table or from the next finer roll-up."""
    return f"{roll_up(table, resolution)}_mv"


@dataclass(frozen=True, slots=True)
class TelemetryTable:
    """A table that takes the blocks of one kind as they are."""

    table: Table
    row: type[msgspec.Struct]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a block's rows may name."""
        return tuple(f.encode_name for t in (Stamps, self.row) for f in msgspec.structs.fields(t))


@dataclass(frozen=True, slots=True)
class DerivedTable:
    """A table that takes the events of one topic; one row for each event id, whatever its copies."""

    table: Table
    row: type[msgspec.Struct]

    @property
    def columns(self) -> tuple[str, ...]:
        """The event's own columns: its id and time, then its data."""
        return ("event_id", "event_time", *(f.encode_name for f in msgspec.structs.fields(self.row)))


TELEMETRY_TABLES: dict[Kind, TelemetryTable] = {
    Kind.HEARTBEAT: TelemetryTable(Table.HEARTBEATS, HeartbeatRow),
    Kind.METRICS: TelemetryTable(Table.AGENT_METRICS, MetricsRow),
    Kind.VIOLATION: TelemetryTable(Table.REPORTED_VIOLATIONS, ViolationRow),
    Kind.LOG: TelemetryTable(Table.AGENT_LOGS, LogRow),
    Kind.EVENT: TelemetryTable(Table.AGENT_EVENTS, EventRow),
    Kind.COST: TelemetryTable(Table.COST_LEDGER, CostRow),
    Kind.OTEL_METRIC: TelemetryTable(Table.OTEL_METRICS, OtelMetricRow),
}

DERIVED_TABLES: dict[Topic, DerivedTable] = {
    Topic.TRUST_SCORES: DerivedTable(Table.TRUST_SCORES, TrustScore),
    Topic.POLICY_VIOLATIONS: DerivedTable(Table.POLICY_VIOLATIONS, PolicyViolation),
    Topic.ALERTS: DerivedTable(Table.ALERTS, Alert),
    Topic.AGENT_STATUS: DerivedTable(Table.AGENT_STATUS, AgentStatus),
    Topic.SPEND: DerivedTable(Table.SPEND, Spend),
}

# All that are read one event a record: what is derived, what became of telling others, and who read what.
EVENT_TABLES: dict[Topic, DerivedTable] = {
    **DERIVED_TABLES,
    Topic.WEBHOOK_DELIVERIES: DerivedTable(Table.WEBHOOK_DELIVERIES, WebhookDelivery),
    Topic.ACCESSES: DerivedTable(Table.ACCESS_AUDIT, Access),
}
