"""Search in an agent's log."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.cursors import RowCursor
from query_api.queries.query import Query, of_agent
from query_api.queries.telemetry import newest_rows
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from schemas.tables import Table

_COLUMNS = "level, message, context, governance_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSearch:
    """What to look for: times in milliseconds, any of the levels, all words of the text in any case."""

    start: int | None = None
    end: int | None = None
    levels: Sequence[LogLevel] = ()
    text: str | None = None
    governance_event: bool | None = None


def search(ref: AgentRef, wanted: LogSearch, cursor: RowCursor | None, limit: int) -> Query:
    """At most `limit` entries, newest first."""
    conditions = of_agent(ref)
    conditions.add_time_range("timestamp", wanted.start, wanted.end)
    conditions.add_any_of("level", wanted.levels)
    if wanted.text is not None:
        conditions.add("hasAllTokens(lower(message), lower({text:String}))", text=wanted.text)
    if wanted.governance_event is not None:
        conditions.add("governance_event = {governance_event:Bool}", governance_event=wanted.governance_event)
    return newest_rows(Table.AGENT_LOGS, _COLUMNS, conditions, cursor, limit)
