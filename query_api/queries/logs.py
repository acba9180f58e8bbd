"""Search in the logs of an agent, or of a tenant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from query_api.cursors import RowCursor
from query_api.queries.query import Conditions, Query, moment, of_tenant
from query_api.queries.telemetry import newest_rows
from query_api.time_parts import DAY_MS, WEEK_MS, newest_parts
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from schemas.tables import Table

# Of a tenant's newest entries, read at once: as many as are read in little more time than a few, and in twice
# that time.
SCANS = (10_000, 100_000)

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
    query = newest_rows(Table.AGENT_LOGS, _COLUMNS, conditions_of(ref, wanted), cursor, limit)
    # Their times would be looked up as well, though agent or word leave few rows already.
    settings = "optimize_use_projections = 0"
    if wanted.text is not None or wanted.trace_id is not None:
        # Nor are the least and latest times of each granule worth a look, where few granules hold the word.
        settings += ", use_skip_indexes_on_data_read = 0"
    return Query(f"{query.sql} SETTINGS {settings}", query.parameters)


def search_by_time(ref: AgentRef, wanted: LogSearch, cursor: RowCursor | None, limit: int) -> Query:
    """The same of a whole tenant where only times and levels are asked for.

    Its newest entries lie all over its agents' rows. The bare times and levels tell which times are meant;
    the entries of these are read from the projection in which they are near each other.
    """
    conditions = conditions_of(ref, wanted)
    times = f"SELECT timestamp FROM {Table.AGENT_LOGS} WHERE {conditions.sql}"  # noqa: S608 - names from schemas, values bound
    if cursor is not None:
        times += f" AND timestamp < {moment('after_time')}"
    is_newest = f"timestamp IN ({times} ORDER BY timestamp DESC LIMIT {{limit:UInt32}})"
    if cursor is not None:
        is_newest = f"({is_newest} OR timestamp = {moment('after_time')})"
    conditions.add(is_newest)
    return _by_time(newest_rows(Table.AGENT_LOGS, _COLUMNS, conditions, cursor, limit))


def scan_newest(
    ref: AgentRef, wanted: LogSearch, cursor: RowCursor | None, limit: int, scanned: int
) -> Query:
    """Of the newest entries of a whole tenant, so many, those that are wanted, at most `limit`.

    What is common is among them, and found without looking for all of it.
    """
    within = of_tenant(ref.tenant_id)
    within.add_time_range("timestamp", wanted.start, wanted.end)
    if cursor is not None:
        within.add(f"timestamp <= {moment('after_time')}")
    oldest = (
        f"SELECT timestamp FROM {Table.AGENT_LOGS} WHERE {within.sql} "  # noqa: S608 - as above
        f"ORDER BY timestamp DESC LIMIT 1 OFFSET {scanned:d}"
    )
    conditions = conditions_of(ref, wanted)
    conditions.add(f"timestamp >= ifNull(({oldest}), toDateTime64(0, 3, 'UTC'))")
    return _by_time(newest_rows(Table.AGENT_LOGS, _COLUMNS, conditions, cursor, limit))


def _by_time(query: Query) -> Query:
    # The indexes say of the agents' order what is to be read; the other has no need of them.
    return Query(f"{query.sql} SETTINGS use_skip_indexes = 0", query.parameters)


def asks_content(wanted: LogSearch) -> bool:
    """Whether entries are to be told by more than their times and levels."""
    is_of_trace = wanted.trace_id is not None
    return (
        wanted.text is not None or bool(wanted.fields) or wanted.governance_event is not None or is_of_trace
    )


def parts(
    wanted: LogSearch, cursor: RowCursor | None, now: int, *, is_frequent: bool = False
) -> list[LogSearch]:
    """What is looked for in parts, the newest first; the first mostly holds a page.

    It is read in a tenth of the time that everything takes. A day has too few entries with a word in them,
    of one agent as of a tenant where it is not frequent; what belongs to a trace is looked for everywhere at
    once.
    """
    if wanted.trace_id is not None:
        return [wanted]
    ends = [now, wanted.end, None if cursor is None else cursor.timestamp + 1]
    newest = min(end for end in ends if end is not None)
    lengths = [DAY_MS, WEEK_MS] if wanted.text is None or is_frequent else [WEEK_MS]
    found = newest_parts(wanted.start, wanted.end, newest, lengths)
    return [replace(wanted, start=start, end=end) for start, end in found]


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
