"""The steps that agents report, and the runs that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.cursors import RunCursor, StepCursor
from query_api.queries.query import Conditions, Query, of_agent, of_tenant
from schemas.identity import AgentRef
from schemas.messages.event import EventType
from schemas.tables import Table

MOST_STEPS = 2_000
_COLUMNS = (
    "timestamp, received_at, batch_id, seq, agent_id, event_type, event_id, run_id, name, tool_name, action, "
    "decision, success, error_type, message, latency_ms, provider, model, input_tokens, output_tokens, "
    "trace_id, span_id, parent_span_id, attributes"
)
_ENDS = f"event_type IN ('{EventType.RUN_END}', '{EventType.OUTCOME}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSearch:
    """What to look for: times in milliseconds; None and empty mean any."""

    start: int | None = None
    end: int | None = None
    agent_id: str | None = None
    types: Sequence[EventType] = ()
    run_id: str | None = None
    tool_name: str | None = None
    decision: str | None = None
    success: bool | None = None


def steps(tenant_id: str, wanted: StepSearch, cursor: StepCursor | None, limit: int) -> Query:
    """At most `limit` steps of a tenant's agents, newest first."""
    conditions = of_tenant(tenant_id)
    for column in ("agent_id", "run_id", "tool_name", "decision"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.add(f"{column} = {{{column}:String}}", **{column: value})
    conditions.add_time_range("timestamp", wanted.start, wanted.end)
    conditions.add_any_of("event_type", wanted.types)
    if wanted.success is not None:
        conditions.add("success = {success:Bool}", success=wanted.success)
    if cursor is not None:
        conditions.add(
            "(timestamp, batch_id, seq) < "
            f"({_micros('after_time')}, {{after_batch:UUID}}, {{after_seq:UInt32}})",
            after_time=cursor.microseconds,
            after_batch=str(cursor.batch_id),
            after_seq=cursor.seq,
        )
    sql = (
        f"SELECT {_COLUMNS} FROM {Table.AGENT_EVENTS} WHERE {conditions.sql} "  # noqa: S608 - names from schemas, values bound
        "ORDER BY timestamp DESC, batch_id DESC, seq DESC LIMIT {limit:UInt32}"
    )
    return Query(sql, {**conditions.parameters, "limit": limit})


def steps_of_run(ref: AgentRef, run_id: str) -> Query:
    """The first steps of a run, in their order; one more than are shown, if there are."""
    conditions = of_agent(ref)
    conditions.add("run_id = {run_id:String}", run_id=run_id)
    sql = (
        f"SELECT {_COLUMNS} FROM {Table.AGENT_EVENTS} WHERE {conditions.sql} "  # noqa: S608 - as above
        f"ORDER BY timestamp, batch_id, seq LIMIT {MOST_STEPS + 1}"
    )
    return Query(sql, conditions.parameters)


def runs(tenant_id: str, wanted: StepSearch, cursor: RunCursor | None, limit: int) -> Query:
    """At most `limit` runs of which a step lies in the time, the one that started last first."""
    inner = of_tenant(tenant_id)
    inner.add("run_id != ''")
    if wanted.agent_id is not None:
        inner.add("agent_id = {agent_id:String}", agent_id=wanted.agent_id)
    inner.add_time_range("timestamp", wanted.start, wanted.end)
    outer = Conditions()
    outer.add("true")
    if cursor is not None:
        outer.add(
            "(started_at, agent_id, run_id) < "
            f"({_micros('after_time')}, {{after_agent:String}}, {{after_run:String}})",
            after_time=cursor.microseconds,
            after_agent=cursor.agent_id,
            after_run=cursor.run_id,
        )
    sql = (
        "SELECT * FROM (SELECT agent_id, run_id, "  # noqa: S608 - as above
        "min(timestamp) AS started_at, max(timestamp) AS last_step_at, "
        f"count() AS steps, countIf(event_type = '{EventType.TOOL_CALL}') AS tool_calls, "
        f"countIf(event_type = '{EventType.MODEL_CALL}') AS model_calls, "
        f"countIf(success = false OR event_type = '{EventType.ERROR}') AS failures, "
        f"countIf(event_type = '{EventType.RUN_END}') > 0 AS ended, "
        f"argMaxIf(success, timestamp, {_ENDS} AND success IS NOT NULL) AS succeeded, "
        f"countIf({_ENDS} AND success IS NOT NULL) AS judged, "
        f"argMaxIf(message, timestamp, event_type = '{EventType.OUTCOME}') AS outcome "
        f"FROM {Table.AGENT_EVENTS} WHERE {inner.sql} GROUP BY agent_id, run_id) WHERE {outer.sql} "
        "ORDER BY started_at DESC, agent_id DESC, run_id DESC LIMIT {limit:UInt32}"
    )
    return Query(sql, {**inner.parameters, **outer.parameters, "limit": limit})


def _micros(parameter: str) -> str:
    return f"fromUnixTimestamp64Micro({{{parameter}:Int64}}, 'UTC')"
