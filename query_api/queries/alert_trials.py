"""What a rule's metric came to, by agent and part of its window, for a trial on what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from query_api.queries.query import Query, moment, of_tenant
from schemas.alert_rules import AlertRuleTerms, Metric
from schemas.messages.event import DENYING_WORDS
from schemas.tables import TELEMETRY_TABLES, Table

_OUTCOME_TYPES = "('ToolCall', 'ModelCall', 'RunEnd', 'Outcome', 'Error')"
_FAILED = "(event_type = 'Error' OR success = false OR (success IS NULL AND error_type != ''))"
_TOLD = f"(event_type IN {_OUTCOME_TYPES} AND (success IS NOT NULL OR {_FAILED}))"
_MONEY = "if(metric_type = 'tool_cost', amount, ifNull(cost, 0))"

# As alert_engine.series.class_of: equal parts of each doubling.
_CLAMPED = "least(greatest(assumeNotNull(latency_ms), 0.01), 1e9)"
_EXPONENT = f"(toInt32(floor(log2({_CLAMPED}))) + 1)"
_CLASS = f"toInt16({_EXPONENT} * 8 + toInt32(floor(({_CLAMPED} / exp2({_EXPONENT}) - 0.5) * 16)))"

_OF_CURRENCY = f", currency, toString(sum({_MONEY})) AS money"

_RECEIVED, _FOUND = "received_at", "event_time"


class _Sum(NamedTuple):
    """What is added up of which rows of a table, and by which time."""

    table: Table
    amount: str
    rows: str = "true"
    time: str = _RECEIVED


_SUMS: dict[Metric, _Sum] = {
    Metric.OUTCOMES: _Sum(Table.AGENT_EVENTS, "count()", _TOLD),
    Metric.FAILURES: _Sum(Table.AGENT_EVENTS, "count()", f"{_TOLD} AND {_FAILED}"),
    Metric.ERROR_RATE: _Sum(Table.AGENT_EVENTS, f"countIf({_FAILED})", _TOLD),
    Metric.DENIED_CALLS: _Sum(
        Table.AGENT_EVENTS, "count()", "event_type = 'Decision' AND lower(decision) IN {words:Array(String)}"
    ),
    Metric.LOG_ERRORS: _Sum(Table.AGENT_LOGS, "count()", "level = 'error'"),
    Metric.VIOLATIONS: _Sum(Table.POLICY_VIOLATIONS, "uniqExact(event_id)", time=_FOUND),
    Metric.CRITICAL_VIOLATIONS: _Sum(
        Table.POLICY_VIOLATIONS, "uniqExact(event_id)", "severity = 'critical'", _FOUND
    ),
    Metric.TOKENS: _Sum(Table.COST_LEDGER, "sum(amount)", "metric_type IN ('tokens_in', 'tokens_out')"),
    Metric.SPEND: _Sum(
        Table.COST_LEDGER,
        f"toFloat64(sum({_MONEY})) * 1000000",
        f"currency = {{currency:String}} AND {_MONEY} > 0",
    ),
    Metric.LATENCY_P95: _Sum(
        Table.AGENT_EVENTS,
        "0",
        "event_type IN ('ToolCall', 'ModelCall') AND latency_ms IS NOT NULL AND ifNull(success, true)",
    ),
}

# Table, and what it says of how an agent stands.
_RANK = "indexOf({levels:Array(String)}, level) - 1"
_STANDINGS: dict[Metric, tuple[Table, str]] = {
    Metric.TRUST_SCORE: (Table.TRUST_SCORES, "score"),
    Metric.TRUST_LEVEL: (Table.TRUST_SCORES, _RANK),
    Metric.TRUST_LEVELS_LOST: (Table.TRUST_SCORES, _RANK),
    Metric.OFFLINE: (Table.AGENT_STATUS, "status = 'offline' AND reason != 'stopped'"),
}

# A part of a day, which holds whole ones of them.
SPENDING_WIDTH = 60_000


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when (ms), in parts of `width` ms, and of which agents; None are all.

    `together` adds up what they did, under an empty id.
    """

    start: int
    end: int
    width: int
    agents: Sequence[str] | None
    together: bool = False

    @property
    def who(self) -> str:
        """Whom a row is about."""
        return "'' AS who" if self.together else "agent_id AS who"


def points(tenant_id: str, terms: AlertRuleTerms, span: Span, levels: Sequence[str], limit: int) -> Query:
    """At most `limit` rows (who, moment, came, outcomes, classes, counts), by agent and moment.

    `levels` are the levels of trust, worst first.
    """
    metric = terms.metric
    if metric is Metric.EVENTS:
        parts = [_summed(_Sum(one.table, "count()"), span) for one in TELEMETRY_TABLES.values()]
        inner = " UNION ALL ".join(parts)
        text = (
            f"SELECT who, moment, sum(came) AS came, 0 AS outcomes, [] AS classes, [] AS counts "  # noqa: S608 - names from schemas, values bound
            f"FROM ({inner}) GROUP BY who, moment"
        )
    elif metric in _SUMS:
        text = _metric_summed(metric, span)
    else:
        text = _standing(metric, span)
    conditions = of_tenant(tenant_id)
    parameters = {
        **conditions.parameters,
        "start": span.start,
        "end": span.end,
        "width": span.width,
        "limit": limit,
        "currency": terms.currency,
        "words": list(DENYING_WORDS),
        "levels": list(levels),
        "agents": list(span.agents or ()),
    }
    used = {name: value for name, value in parameters.items() if f"{{{name}:" in text or name == "limit"}
    return Query(f"{text} ORDER BY who, moment LIMIT {{limit:UInt32}}", used)


def spending(tenant_id: str, span: Span, limit: int) -> Query:
    """At most `limit` rows (who, moment, currency, money as a text), by agent and moment."""
    inner = _summed(
        _Sum(Table.COST_LEDGER, "0", f"currency != '' AND {_MONEY} > 0"),
        span,
        _OF_CURRENCY,
        "who, moment, currency",
    )
    text = f"SELECT who, moment, currency, money FROM ({inner})"  # noqa: S608 - names from schemas, values bound
    parameters = {
        **of_tenant(tenant_id).parameters,
        "start": span.start,
        "end": span.end,
        "width": span.width,
        "limit": limit,
    }
    if span.agents is not None:
        parameters["agents"] = list(span.agents)
    return Query(f"{text} ORDER BY who, moment LIMIT {{limit:UInt32}}", parameters)


def _metric_summed(metric: Metric, span: Span) -> str:
    outcomes = "count()" if metric is Metric.ERROR_RATE else "0"
    classes = f"sumMap([{_CLASS}], [toUInt64(1)])" if metric is Metric.LATENCY_P95 else "([], [])"
    inner = _summed(_SUMS[metric], span, f", {outcomes} AS outcomes, {classes} AS found")
    return (
        "SELECT who, moment, came, outcomes, found.1 AS classes, found.2 AS counts "  # noqa: S608 - names from schemas, values bound
        f"FROM ({inner})"
    )


def _summed(wanted: _Sum, span: Span, more: str = "", by: str = "who, moment") -> str:
    # The end of the part, as by then all of it had come.
    part = (
        f"intDiv(toUnixTimestamp64Milli({wanted.time}), {{width:Int64}}) * {{width:Int64}} "
        "+ {width:Int64} - 1"
    )
    return (
        f"SELECT {span.who}, {part} AS moment, toFloat64({wanted.amount}) AS came{more} "  # noqa: S608 - names from schemas, values bound
        f"FROM {wanted.table} WHERE {_where(wanted.time, span)} AND {wanted.rows} GROUP BY {by}"
    )


def _standing(metric: Metric, span: Span) -> str:
    table, value = _STANDINGS[metric]
    return (
        f"SELECT DISTINCT {span.who}, toUnixTimestamp64Milli({_FOUND}) AS moment, "  # noqa: S608 - names from schemas, values bound
        f"toFloat64({value}) AS came, 0 AS outcomes, [] AS classes, [] AS counts "
        f"FROM {table} WHERE {_where(_FOUND, span)}"
    )


def _where(time: str, span: Span) -> str:
    within = f"{time} >= {moment('start')} AND {time} < {moment('end')}"
    agents = "" if span.agents is None else " AND agent_id IN {agents:Array(String)}"
    return f"tenant_id = {{tenant_id:String}} AND {within}{agents}"
