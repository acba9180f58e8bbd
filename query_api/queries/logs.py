"""Search in the logs of an agent, or of a tenant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from query_api.cursors import RowCursor
from query_api.queries.query import Conditions, Query, of_tenant
from query_api.queries.telemetry import newest_rows
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from schemas.tables import Table

_DAY_MS = 24 * 60 * 60 * 1000

_COLUMNS = "agent_id, level, message, context, governance_event, trace_id, span_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSearch:
    """What to look for: times in milliseconds, any of the levels, all words of the text in any case.

    `fields` are paths into the context with the values that must stand there, as text.
    """

    start: int | None = None
    end: int | None = None
    levels: Sequence[LogLevel] = ()
    text: str | None = None
    fields: Sequence[tuple[str, str]] = ()
    governance_event: bool | None = None
    trace_id: str | None = None


def search(ref: AgentRef, wanted: LogSearch, cursor: RowCursor | None, limit: int) -> Query:
    """At most `limit` entries, newest first; of the whole tenant where `ref` has no agent."""
    return newest_rows(Table.AGENT_LOGS, _COLUMNS, conditions_of(ref, wanted), cursor, limit)


def lately(ref: AgentRef, wanted: LogSearch, cursor: RowCursor | None, now: int) -> LogSearch | None:
    """The last day of what is looked for, or None where that is not worth a question of its own.

    It mostly holds a page, and is read in a tenth of the time that everything takes. Not so where a day of
    one agent would have too few entries that are wanted.
    """
    ends = [now, wanted.end, None if cursor is None else cursor.timestamp + 1]
    start = min(end for end in ends if end is not None) - _DAY_MS
    is_rare = wanted.trace_id is not None or (ref.agent_id and wanted.text is not None)
    if start < 0 or is_rare or (wanted.start is not None and wanted.start >= start):
        return None
    return replace(wanted, start=start)


def before(wanted: LogSearch, later: LogSearch) -> LogSearch:
    """What is left of a search when `later`, its last part, has been asked."""
    return replace(wanted, end=later.start)


def conditions_of(ref: AgentRef, wanted: LogSearch) -> Conditions:
    """Which rows of the table are meant."""
    conditions = of_tenant(ref.tenant_id)
    if ref.agent_id:
        conditions.add("agent_id = {agent_id:String}", agent_id=ref.agent_id)
    conditions.add_time_range("timestamp", wanted.start, wanted.end)
    conditions.add_any_of("level", wanted.levels)
    if wanted.text is not None:
        conditions.add("hasAllTokens(lower(message), lower({text:String}))", text=wanted.text)
    for number, (path, value) in enumerate(wanted.fields):
        _add_field(conditions, f"field_{number}", path, value)
    if wanted.governance_event is not None:
        conditions.add("governance_event = {governance_event:Bool}", governance_event=wanted.governance_event)
    if wanted.trace_id is not None:
        conditions.add("trace_id = {trace_id:String}", trace_id=wanted.trace_id)
    return conditions


def _add_field(conditions: Conditions, name: str, path: str, value: str) -> None:
    """Attributes of OpenTelemetry have dots in their names, so that a dotted path is tried as a name too."""
    steps = path.split(".")
    values = {name: value, f"{name}_name": path}
    clause = _holds(name, [f"{name}_name"])
    if len(steps) > 1:
        step_names = [f"{name}_step_{number}" for number in range(len(steps))]
        values.update(zip(step_names, steps, strict=True))
        clause = f"({clause} OR {_holds(name, step_names)})"
    conditions.add(clause, **values)


def _holds(name: str, steps: Sequence[str]) -> str:
    place = ", ".join(["context", *(f"{{{step}:String}}" for step in steps)])
    found = f"if(JSONType({place}) = 'String', JSONExtractString({place}), JSONExtractRaw({place}))"
    return f"{found} = {{{name}:String}}"
