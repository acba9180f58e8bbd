"""What was spent in each day or month: of a tenant and its cost centres by the published totals.

Totals name no agents: what these spent is added up from the ledger's roll-up of days. The day is in both that
on which an entry came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from query_api.cursors import SpendCursor
from query_api.queries.query import Conditions, Query, of_tenant
from schemas.budgets import BudgetPeriod, BudgetScope
from schemas.messages.cost import CostMetric
from schemas.tables import Resolution, Table, roll_up


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendSearch:
    """Whose spending, by which periods, from `start` to before `end`; nothing means any.

    Both ends are first days of a period; `names` are cost centres or agents.
    """

    scope: BudgetScope
    period: BudgetPeriod
    start: date
    end: date
    names: Sequence[str] = ()
    currency: str | None = None


def spent(tenant_id: str, wanted: SpendSearch, after: SpendCursor | None, limit: int) -> Query:
    """At most `limit` sums, the newest period first; entries without a price have the currency ""."""
    conditions = of_tenant(tenant_id)
    conditions.add("day >= {start:Date} AND day < {end:Date}", start=str(wanted.start), end=str(wanted.end))
    of_agents = wanted.scope is BudgetScope.AGENT
    figures = _of_agents(conditions, wanted) if of_agents else _of_totals(conditions, wanted)
    found = Conditions([], conditions.parameters)
    if wanted.currency is not None:
        found.add("currency = {currency:String}", currency=wanted.currency)
    if after is not None:
        day = "toDate({after_day:UInt16})"
        place = f"starts < {day} OR starts = {day} AND (name, currency) > "
        found.add(
            f"({place}({{after_name:String}}, {{after_currency:String}}))",
            after_day=after.day,
            after_name=after.name,
            after_currency=after.currency,
        )
    where = f"WHERE {found.sql} " if found.clauses else ""
    starts = "toStartOfMonth(day)" if wanted.period is BudgetPeriod.MONTH else "day"
    sql = (
        f"SELECT * FROM (SELECT {starts} AS starts, name, currency, sum(amount) AS spent, "  # noqa: S608 - names from here and schemas, values bound
        f"sum(counted) AS entries, sum(tokens) AS unpriced_tokens FROM ({figures}) "
        f"GROUP BY starts, name, currency) {where}"
        "ORDER BY starts DESC, name, currency LIMIT {limit:UInt32}"
    )
    return Query(sql, {**found.parameters, "limit": limit})


def _of_totals(conditions: Conditions, wanted: SpendSearch) -> str:
    """A figure a row: of each partition's totals the newest."""
    conditions.add_any_of("cost_center", wanted.names)
    name = "cost_center" if wanted.scope is BudgetScope.COST_CENTER else "''"
    return (
        f"SELECT day, {name} AS name, figure.currency AS currency, figure.amount AS amount, "  # noqa: S608 - as above
        "figure.entries AS counted, figure.unpriced_tokens AS tokens FROM ("
        "SELECT day, cost_center, log_partition, argMax(figures, event_time) AS newest "
        f"FROM {Table.SPEND} WHERE {conditions.sql} GROUP BY day, cost_center, log_partition"
        ") ARRAY JOIN newest AS figure"
    )


def _of_agents(conditions: Conditions, wanted: SpendSearch) -> str:
    """Two figures a row of the roll-up: what has a price, and what has none."""
    conditions.add_any_of("agent_id", wanted.names)
    is_tool = f"metric_type = '{CostMetric.TOOL_COST}'"
    are_tokens = f"metric_type IN ('{CostMetric.TOKENS_IN}', '{CostMetric.TOKENS_OUT}')"
    daily = f"FROM {roll_up(Table.COST_LEDGER, Resolution.DAY)} AS daily WHERE {conditions.sql}"
    return (
        f"SELECT day, agent_id AS name, currency, if({is_tool}, daily.amount, daily.cost) AS amount, "
        f"if({is_tool}, daily.entries, daily.billed) AS counted, toDecimal128(0, 12) AS tokens {daily} "
        f"AND currency != '' AND ({is_tool} OR billed > 0) UNION ALL "
        "SELECT day, agent_id AS name, '' AS currency, toDecimal128(0, 12) AS amount, "
        "toUInt64(daily.entries - daily.billed) AS counted, "
        f"if({are_tokens} AND billed = 0, daily.amount, toDecimal128(0, 12)) AS tokens {daily} "
        f"AND NOT {is_tool} AND daily.entries > billed"
    )
