"""Comparing what was accepted with what is stored."""

from collections.abc import Sequence
from typing import cast

import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.delivery import Delivery, RouteCounts
from infra.demo.stored import StoredCount, count_stored, events_of, faults, missing
from schemas.messages.registry import REPORT_ROUTES


def delivery(reported: int, accepted: int) -> dict[str, Delivery]:
    return {"a": Delivery({"log": RouteCounts(reported=reported, accepted=accepted)})}


@pytest.mark.parametrize(
    ("reported", "accepted", "rows", "events", "expected"),
    [
        (5, 5, 5, 5, []),
        (5, 3, 3, 3, []),
        (5, 3, 5, 5, []),
        (5, 5, 4, 4, ["a: 1 accepted log events are missing"]),
        (5, 5, 6, 5, ["a: 1 log rows are stored twice"]),
        (5, 5, 7, 7, ["a: 2 log events were stored and never sent"]),
        (5, 5, 5, 4, ["a: 1 accepted log events are missing", "a: 1 log rows are stored twice"]),
    ],
)
def test_every_difference_is_named(
    reported: int, accepted: int, rows: int, events: int, expected: list[str]
) -> None:
    stored = {"a": {"log": StoredCount(rows, events)}}
    assert faults(delivery(reported, accepted), stored) == expected


@given(st.integers(0, 50), st.integers(0, 50))
def test_missing_counts_what_was_accepted_and_is_not_there(accepted: int, events: int) -> None:
    stored = {"a": {"log": StoredCount(events, events)}}
    assert missing(delivery(100, accepted), stored) == max(0, accepted - events)


def test_an_agent_without_rows_misses_all() -> None:
    assert missing(delivery(3, 2), {}) == 2
    assert events_of({}, "a") == 0


class FakeClickHouse:
    """Answers the same rows to everything."""

    def __init__(self, rows: Sequence[Sequence[object]]) -> None:
        self.result_rows = rows
        self.parameters: dict[str, object] = {}
        self.sql = ""

    async def query(self, sql: str, parameters: dict[str, object]) -> "FakeClickHouse":
        self.sql, self.parameters = sql, parameters
        return self


async def test_it_counts_by_agent_and_route() -> None:
    clickhouse = FakeClickHouse([("log", "a", 5, 4), ("heartbeat", "a", 2, 2)])
    counts = await count_stored(cast("AsyncClient", clickhouse), ["a", "b"])
    assert counts == {"a": {"log": StoredCount(5, 4), "heartbeat": StoredCount(2, 2)}, "b": {}}
    assert events_of(counts, "a") == 6
    assert clickhouse.parameters == {"tenant": "default", "agents": ["a", "b"]}
    assert clickhouse.sql.count("UNION ALL") == len(REPORT_ROUTES) - 1
