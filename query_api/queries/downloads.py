"""Logs as whole files: counted first, then read in the order of the table, which needs no sorting."""

from query_api.download_jobs import DownloadFormat, DownloadJob
from query_api.queries.logs import LogSearch, conditions_of
from query_api.queries.query import Conditions, Query, moment
from schemas.identity import AgentRef
from schemas.tables import Table

_TIME = "concat(replaceOne(toString({0}), ' ', 'T'), 'Z')"
_EVENT_ID = "concat(toString(batch_id), ':', toString(seq))"
_ONE_LINE = r"replaceRegexpAll({0}, '[\\r\\n]+', ' ')"

_TEXT_COLUMNS = (
    f"{_EVENT_ID} AS event_id, agent_id, {_TIME.format('timestamp')} AS timestamp, "
    f"{_TIME.format('received_at')} AS received_at, level, message, context, governance_event, "
    "trace_id, span_id"
)
_TYPED_COLUMNS = (
    f"{_EVENT_ID} AS event_id, agent_id, timestamp, received_at, toString(level) AS level, message, context, "
    "governance_event, trace_id, span_id"
)
# As the search answers: the context as JSON within JSON, and null for what is not there.
_JSON_LINE = (
    f'concat(\'{{"event_id":"\', {_EVENT_ID}, \'","agent_id":\', toJSONString(agent_id), '
    f'\',"timestamp":"\', {_TIME.format("timestamp")}, \'","received_at":"\', {_TIME.format("received_at")}, '
    '\'","level":\', toJSONString(level), \',"message":\', toJSONString(message), \',"context":\', '
    "multiIf(context = '', 'null', isValidJSON(context), context, toJSONString(context)), "
    "',\"governance_event\":', if(governance_event, 'true', 'false'), "
    "',\"trace_id\":', if(trace_id = '', 'null', toJSONString(trace_id)), "
    "',\"span_id\":', if(span_id = '', 'null', toJSONString(span_id)), '}')"
)
_TEXT_LINE = (
    f"concat({_TIME.format('timestamp')}, ' ', rightPad(upper(toString(level)), 5), ' ', agent_id, ' ', "
    f"{_ONE_LINE.format('message')}, if(context = '', '', concat(' ', {_ONE_LINE.format('context')})))"
)
_COLUMNS = {
    DownloadFormat.JSON: _JSON_LINE,
    DownloadFormat.TXT: _TEXT_LINE,
    DownloadFormat.CSV: _TEXT_COLUMNS,
    DownloadFormat.PARQUET: _TYPED_COLUMNS,
}
FORMATS = {
    DownloadFormat.JSON: "TSVRaw",
    DownloadFormat.TXT: "TSVRaw",
    DownloadFormat.CSV: "CSVWithNames",
    DownloadFormat.PARQUET: "Parquet",
}

# Small blocks and row groups, and one thread: what is under way at a time is all that memory holds.
SETTINGS = {
    # Columns have the names of those that they are made of, which conditions and order are about.
    "prefer_column_name_to_alias": 1,
    "max_threads": 1,
    "max_block_size": 8192,
    "optimize_read_in_order": 1,
    "optimize_use_projections": 0,
    "output_format_parallel_formatting": 0,
    "output_format_parquet_parallel_encoding": 0,
    "output_format_parquet_row_group_size": 50_000,
    "output_format_parquet_row_group_size_bytes": 16 * 1024 * 1024,
    "output_format_parquet_string_as_string": 1,
}


def count(ref: AgentRef, wanted: LogSearch, received_before: int) -> Query:
    """How many entries there are."""
    conditions = _until(ref, wanted, received_before)
    sql = f"SELECT count() AS rows FROM {Table.AGENT_LOGS} WHERE {conditions.sql}"  # noqa: S608 - names from schemas, values bound
    return Query(sql, conditions.parameters)


def content(job: DownloadJob) -> Query:
    """The entries of a job, by agent and time; one text a row for JSON and TXT."""
    conditions = _until(job.ref, job.search, job.received_before)
    order = "ORDER BY tenant_id, agent_id, timestamp, batch_id, seq"
    sql = f"SELECT {_COLUMNS[job.format]} FROM {Table.AGENT_LOGS} WHERE {conditions.sql} {order}"  # noqa: S608 - as above
    return Query(sql, conditions.parameters)


def _until(ref: AgentRef, wanted: LogSearch, received_before: int) -> Conditions:
    conditions = conditions_of(ref, wanted)
    conditions.add(f"received_at < {moment('received_before')}", received_before=received_before)
    return conditions
