"""Alerts as they stand: of each fingerprint the newest change counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.cursors import EventCursor
from query_api.queries.query import Conditions, Query, moment, of_tenant
from schemas.derived import AlertState
from schemas.messages.values import Severity
from schemas.tables import Table

_COLUMNS = (
    "fingerprint, event_time, agent_id, rule, state, severity, summary, started_at, ended_at, evidence, "
    "change, rule_version, metric, value, threshold, count, first_seen_at, last_seen_at, silenced_by"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSearch:
    """What to look for; None and empty mean any."""

    state: AlertState | None = None
    severities: Sequence[Severity] = ()
    rule: str | None = None
    agent_id: str | None = None
    silenced: bool | None = None


def current(tenant_id: str, wanted: AlertSearch, cursor: EventCursor | None, limit: int) -> Query:
    """At most `limit` alerts of a tenant, the one that changed last first.

    Rule and agent are the same for all changes of a fingerprint; state, severity and silence are not, so they
    are asked of the newest change only. Of two changes at one time the later life counts, and within a life
    its end.
    """
    inner = of_tenant(tenant_id)
    if wanted.rule is not None:
        inner.add("rule = {rule:String}", rule=wanted.rule)
    if wanted.agent_id is not None:
        inner.add("agent_id = {agent_id:String}", agent_id=wanted.agent_id)
    outer = _of_newest(wanted, cursor)
    sql = (
        f"SELECT * FROM (SELECT {_COLUMNS} FROM {Table.ALERTS} WHERE {inner.sql} "  # noqa: S608 - names from schemas, values bound
        "ORDER BY fingerprint, event_time DESC, started_at DESC, ended_at IS NULL LIMIT 1 BY fingerprint) "
        f"WHERE {outer.sql} ORDER BY event_time DESC, fingerprint DESC LIMIT {{limit:UInt32}}"
    )
    return Query(sql, {**inner.parameters, **outer.parameters, "limit": limit})


def _of_newest(wanted: AlertSearch, cursor: EventCursor | None) -> Conditions:
    conditions = Conditions()
    conditions.add("true")
    if wanted.state is not None:
        conditions.add("state = {state:String}", state=wanted.state.value)
    conditions.add_any_of("severity", wanted.severities)
    if wanted.silenced is not None:
        conditions.add("silenced_by != ''" if wanted.silenced else "silenced_by = ''")
    if cursor is not None:
        conditions.add(
            f"(event_time, fingerprint) < ({moment('after_time')}, {{after_id:String}})",
            after_time=cursor.time,
            after_id=cursor.id,
        )
    return conditions
