"""What work cost, by whatever it is asked for; from the roll-up of days, exact to the last decimal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from query_api.queries.query import Query, of_tenant
from schemas.messages.cost import CostMetric
from schemas.tables import Resolution, Table, roll_up


class CostDimension(StrEnum):
    """What costs are added up by; the currency always is."""

    DAY = "day"
    AGENT = "agent"
    MODEL = "model"
    PROVIDER = "provider"
    PROJECT = "project"
    COST_CENTER = "cost_center"


_COLUMNS = {
    CostDimension.DAY: ("toDate(bucket)", "day"),
    CostDimension.AGENT: ("agent_id", "agent_id"),
    CostDimension.MODEL: ("model", "model"),
    CostDimension.PROVIDER: ("provider", "provider"),
    CostDimension.PROJECT: ("project_id", "project_id"),
    CostDimension.COST_CENTER: ("cost_center", "cost_center"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSearch:
    """Which entries, by their own days in UTC; times in milliseconds, None means any."""

    start: int
    end: int
    agent_id: str | None = None
    model: str | None = None
    project_id: str | None = None
    cost_center: str | None = None
    currency: str | None = None


def spent(tenant_id: str, wanted: CostSearch, by: Sequence[CostDimension], limit: int) -> Query:
    """At most `limit` sums: by day the newest first, else what cost most first."""
    conditions = of_tenant(tenant_id)
    conditions.add_time_range("bucket", wanted.start, wanted.end)
    for column in ("agent_id", "model", "project_id", "cost_center", "currency"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.add(f"{column} = {{{column}:String}}", **{column: value})
    conditions.add("currency != ''")
    keys = [_COLUMNS[dimension] for dimension in by]
    names = "".join(f"{name}, " for _, name in keys)
    selected = "".join(f"{expression} AS {name}, " for expression, name in keys)
    grouped = ", ".join([*(name for _, name in keys), "currency"])
    days_first = "day DESC, " if CostDimension.DAY in by else ""
    is_tool = f"metric_type = '{CostMetric.TOOL_COST}'"
    # By the type too, as the projection of a tenant's days is, and sums of nothing else than its own.
    sums = (
        f"SELECT {selected}currency, metric_type, sum(daily.amount) AS amounts, sum(daily.cost) AS costs, "  # noqa: S608 - names from here and schemas, values bound
        "sum(daily.entries) AS counted, sum(daily.billed) AS with_price "
        f"FROM {roll_up(Table.COST_LEDGER, Resolution.DAY)} AS daily WHERE {conditions.sql} "
        f"GROUP BY {grouped}, metric_type"
    )
    sql = (
        f"SELECT {names}currency, sum(if({is_tool}, amounts, costs)) AS spent, "  # noqa: S608 - as above
        f"sum(if({is_tool}, counted, with_price)) AS entries FROM ({sums}) "
        f"GROUP BY {grouped} HAVING entries > 0 "
        f"ORDER BY {days_first}spent DESC, {grouped} LIMIT {{limit:UInt32}}"
    )
    return Query(sql, {**conditions.parameters, "limit": limit})
