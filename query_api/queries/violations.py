"""Violations of policy, reported and detected."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.cursors import EventCursor
from query_api.queries.events import newest_events
from query_api.queries.query import Query, of_tenant
from schemas.derived import ViolationSource
from schemas.messages.values import Severity
from schemas.tables import Table

_COLUMNS = "agent_id, rule, severity, source, description, occurred_at, evidence, policy_id, policy_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationSearch:
    """What to look for: times (of finding) in milliseconds; None and empty mean any."""

    start: int | None = None
    end: int | None = None
    severities: Sequence[Severity] = ()
    source: ViolationSource | None = None
    agent_id: str | None = None
    rule: str | None = None
    policy_id: str | None = None


def search(tenant_id: str, wanted: ViolationSearch, cursor: EventCursor | None, limit: int) -> Query:
    """At most `limit` violations of a tenant, newest first."""
    conditions = of_tenant(tenant_id)
    conditions.add_time_range("event_time", wanted.start, wanted.end)
    conditions.add_any_of("severity", wanted.severities)
    for column in ("source", "agent_id", "rule", "policy_id"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.add(f"{column} = {{{column}:String}}", **{column: value})
    return newest_events(Table.POLICY_VIOLATIONS, _COLUMNS, conditions, cursor, limit)
