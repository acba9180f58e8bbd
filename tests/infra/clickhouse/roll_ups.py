"""Whether roll-ups say what a recount of their table's rows says."""

from collections.abc import Iterator
from typing import Protocol

import orjson

from schemas.tables import DATABASE, ROLLED_UP, Resolution, Table, roll_up

_BUCKETS = {
    Resolution.MINUTE: "toStartOfMinute",
    Resolution.HOUR: "toStartOfHour",
    Resolution.DAY: "toStartOfDay",
}

# What a bucket is counted by, and of each measure how the rows give it.
_KEYS = {
    Table.AGENT_METRICS: (),
    Table.AGENT_LOGS: ("level",),
    Table.AGENT_EVENTS: ("event_type", "tool_name", "model", "error_type"),
    Table.COST_LEDGER: ("metric_type", "currency", "provider", "model", "project_id", "cost_center"),
    Table.OTEL_METRICS: ("metric_name", "metric_type", "unit", "temporality", "service_name"),
}
_SUMS = {
    Table.AGENT_METRICS: {
        "reports": "count()",
        "interactions": "sum(interactions)",
        "violations": "sum(violations_count)",
        "response_time_sum": "sum(response_time_ms)",
    },
    Table.AGENT_LOGS: {
        "entries": "count()",
        "governance_events": "countIf(governance_event)",
        "message_bytes": "sum(length(message))",
    },
    Table.AGENT_EVENTS: {
        "events": "count()",
        "judged": "count(success)",
        "failures": "countIf(success = false)",
        "timed": "count(latency_ms)",
        "latency_sum": "ifNull(sum(latency_ms), 0)",
        "input_tokens": "ifNull(sum(input_tokens), 0)",
        "output_tokens": "ifNull(sum(output_tokens), 0)",
    },
    Table.COST_LEDGER: {
        "entries": "count()",
        "amount": "sum(amount)",
        "cost": "ifNull(sum(cost), 0)",
        "billed": "count(cost)",
    },
    Table.OTEL_METRICS: {
        "points": "count()",
        "valued": "count(value)",
        "value_sum": "ifNull(sum(value), 0)",
        "observations": "ifNull(sum(count), 0)",
        "observed_sum": "ifNull(sum(sum), 0)",
    },
}

Counted = dict[str, list[float]]


class Asked(Protocol):
    """A ClickHouse that answers a query with text."""

    def query(self, sql: str, *, database: str, param_agents: str) -> str: ...


def assert_roll_ups(clickhouse: Asked, agents: str = "") -> None:
    """All roll-ups of agents whose id begins with `agents` are what a recount gives; floats to 12 digits."""
    for table, resolution, name in every_roll_up():
        recounted = _counted(clickhouse, table, resolution, agents)
        rolled = _rolled(clickhouse, table, name, agents)
        assert rolled == recounted, f"{name} is not what a recount gives"


def every_roll_up() -> Iterator[tuple[Table, Resolution, str]]:
    """Each table, resolution, and the roll-up's name."""
    for table in ROLLED_UP:
        for resolution in Resolution:
            yield table, resolution, roll_up(table, resolution)


def _counted(clickhouse: Asked, table: Table, resolution: Resolution, agents: str) -> Counted:
    keys = ("agent_id", f"{_BUCKETS[resolution]}(r.timestamp)", "toDate(received_at)", *_KEYS[table])
    return _grouped(clickhouse, f"{table} AS r", keys, list(_SUMS[table].values()), agents)


def _rolled(clickhouse: Asked, table: Table, name: str, agents: str) -> Counted:
    keys = ("agent_id", "bucket", "day", *_KEYS[table])
    return _grouped(clickhouse, name, keys, [f"sum({measure})" for measure in _SUMS[table]], agents)


def _grouped(clickhouse: Asked, source: str, keys: tuple[str, ...], sums: list[str], agents: str) -> Counted:
    key = ", ".join(f"toString({one})" for one in keys)
    numbers = ", ".join(f"toFloat64({one})" for one in sums)
    text = clickhouse.query(
        f"SELECT concatWithSeparator('|', {key}) AS k, [{numbers}] AS sums"  # noqa: S608 - constants
        f" FROM {source} WHERE startsWith(agent_id, {{agents:String}}) GROUP BY {', '.join(keys)}"
        " FORMAT JSONCompactEachRow",
        database=DATABASE,
        param_agents=agents,
    )
    found = (orjson.loads(line) for line in text.splitlines())
    return {key: [float(f"{number:.12g}") for number in numbers] for key, numbers in found}
