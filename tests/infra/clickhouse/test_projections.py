"""Projections answer the questions that they are for, and hold what their tables hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from query_api.queries import costs, fleet, logs
from query_api.queries.query import Query
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from schemas.tables import DATABASE, Table
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

pytestmark = pytest.mark.integration

TENANT = AgentRef("acme", "")
START = 1_800_000_000_000
ROWS = 40_000
LEVELS = logs.LogSearch(levels=[LogLevel.ERROR])
WORDS = logs.LogSearch(text="person")
SPENT = costs.spent("acme", costs.CostSearch(start=0, end=2 * START), [costs.CostDimension.DAY], 10)

# What the search by time asks first, which no plan shows.
_TIMES = Query(
    f"SELECT timestamp FROM {Table.AGENT_LOGS} WHERE tenant_id = 'acme' AND level IN ('error') "  # noqa: S608 - a constant
    "ORDER BY timestamp DESC LIMIT 101",
    {},
)

_LOGS = f"""INSERT INTO {Table.AGENT_LOGS}
    (tenant_id, agent_id, received_at, batch_id, seq, timestamp, level, message)
SELECT 'acme', concat('agent-', toString(number % 50)), fromUnixTimestamp64Milli({START}), generateUUIDv4(),
    0,
    fromUnixTimestamp64Milli({START} + intDiv(number * 7919 % {ROWS}, 3) * 1000),
    if(number % 5 = 0, 'error', 'info'), concat('a person is number ', toString(number))
FROM numbers({ROWS})"""  # noqa: S608 - constants
_COSTS = f"""INSERT INTO {Table.COST_LEDGER}
    (tenant_id, agent_id, received_at, batch_id, seq, metric_type, amount, currency, cost)
SELECT 'acme', concat('agent-', toString(number)), fromUnixTimestamp64Milli({START}), generateUUIDv4(), 0,
    if(number % 2 = 0, 'tokens_in', 'tool_cost'), 2, 'EUR', if(number % 3 = 0, NULL, 0.5)
FROM numbers({ROWS})"""  # noqa: S608 - as above
_EVENTS = f"""INSERT INTO {Table.AGENT_EVENTS}
    (tenant_id, agent_id, received_at, batch_id, seq, event_type, success)
SELECT 'acme', concat('agent-', toString(number)), fromUnixTimestamp64Milli({START}), generateUUIDv4(), 0,
    'ToolCall', number % 4 > 0
FROM numbers({ROWS})"""  # noqa: S608 - as above


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """Some thousands of rows of each kind."""
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("projections")).with_data(migrated_data).start()
    for insert in (_LOGS, _LOGS.replace("number ', ", "another ', "), _COSTS, _EVENTS):
        front.query(insert, database=DATABASE)
    yield front
    assert front.stop() == 0, front.log


def ask(clickhouse: EmbeddedClickHouse, query: Query, *, before: str = "", **settings: int) -> str:
    parameters: dict[str, Any] = {f"param_{name}": _bound(value) for name, value in query.parameters.items()}
    more: dict[str, Any] = {"database": DATABASE, **parameters, **settings}
    return clickhouse.query(f"{before}{query.sql}", **more)


def _bound(value: object) -> str:
    return orjson.dumps(value).decode().replace('"', "'") if isinstance(value, list) else str(value)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        (logs.scan_newest(TENANT, WORDS, None, 101, 5_000), {"newest"}),
        (logs.search_by_time(TENANT, LEVELS, None, 101), {"newest"}),
        (_TIMES, {"times"}),
        (SPENT, {"of_tenant"}),
        (fleet.logs("acme", START - 3_600_000), {"of_tenant"}),
        (fleet.calls("acme", START - 3_600_000), {"of_tenant"}),
    ],
    ids=["scan", "by time", "the times", "spend", "logs of the fleet", "calls of the fleet"],
)
def test_a_tenants_question_is_answered_from_its_projection(
    clickhouse: EmbeddedClickHouse, query: Query, read: set[str]
) -> None:
    plan = ask(clickhouse, query, before="EXPLAIN ")
    assert {
        name for name in ("newest", "times", "of_tenant") if f"ReadFromMergeTree ({name})" in plan
    } == read


def newest(clickhouse: EmbeddedClickHouse) -> tuple[str, str]:
    """The newest entries with the word, from the projection and from the table."""
    from_projection = ask(clickhouse, logs.scan_newest(TENANT, WORDS, None, 500, 5_000))
    from_table = ask(clickhouse, logs.search(TENANT, WORDS, None, 500))
    return from_projection, from_table


def test_what_is_erased_is_gone_from_the_projections_too(clickhouse: EmbeddedClickHouse) -> None:
    found, stored = newest(clickhouse)
    assert found == stored
    assert found.count("agent-7\t") > 0
    for table in (Table.AGENT_LOGS, "agent_logs_1h", "cost_ledger_1d", "agent_events_1h"):
        clickhouse.query(
            f"ALTER TABLE {table} DELETE WHERE agent_id = 'agent-7'", database=DATABASE, mutations_sync=2
        )
    clickhouse.query(
        f"ALTER TABLE {Table.AGENT_LOGS} UPDATE message = replaceAll(message, 'is number', 'has') WHERE true",
        database=DATABASE,
        mutations_sync=2,
    )
    found, stored = newest(clickhouse)
    assert found == stored
    assert "agent-7\t" not in found
    assert "is number" not in found
    for query in (SPENT, fleet.logs("acme", 0), fleet.calls("acme", 0)):
        assert ask(clickhouse, query) == ask(clickhouse, query, optimize_use_projections=0)


def test_merging_makes_the_sums_anew(clickhouse: EmbeddedClickHouse) -> None:
    clickhouse.query(_COSTS, database=DATABASE)
    clickhouse.query("OPTIMIZE TABLE cost_ledger_1d FINAL", database=DATABASE)
    assert ask(clickhouse, SPENT) == ask(clickhouse, SPENT, optimize_use_projections=0)
