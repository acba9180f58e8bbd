"""The newest row of each agent: as if all days were looked through, and no more asked than is needed."""

import asyncio
from collections.abc import Sequence
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from query_api import newest
from query_api.database import Database, Row
from query_api.newest import newest_of_agents
from query_api.queries.query import Query
from query_api.time_parts import DAY_MS

NOW = 100 * DAY_MS
AGENTS = ["a", "b", "c"]


class Table:
    """Rows of agents at times; it answers what a query of the newest would."""

    def __init__(self, times: dict[str, list[int]]) -> None:
        self._times = times
        self.asked: list[tuple[list[str], int | None]] = []

    def query(self, agent_ids: Sequence[str], since: int | None) -> Query:
        return Query("", {"agent_ids": list(agent_ids), "since": since})

    async def rows(self, query: Query) -> list[Row]:
        agent_ids, since = query.parameters["agent_ids"], query.parameters["since"]
        self.asked.append((agent_ids, since))
        found = {
            agent_id: [time for time in times if since is None or time >= since]
            for agent_id, times in self._times.items()
            if not agent_ids or agent_id in agent_ids
        }
        return [{"agent_id": agent_id, "at": max(times)} for agent_id, times in found.items() if times]

    def newest(self, agent_ids: Sequence[str], oldest: int | None = None) -> dict[str, int]:
        database = cast("Database", self)
        found = asyncio.run(newest_of_agents(database, self.query, agent_ids, NOW, oldest))
        return {agent_id: row["at"] for agent_id, row in found.items()}


@given(st.dictionaries(st.sampled_from(AGENTS), st.lists(st.integers(0, NOW + DAY_MS))), st.integers(0, NOW))
def test_it_is_the_newest_of_each(times: dict[str, list[int]], oldest: int) -> None:
    expected = {agent: max(found) for agent, found in times.items() if found and max(found) >= oldest}
    assert Table(times).newest(AGENTS, oldest) == {
        **expected,
        **{agent: max(found) for agent, found in times.items() if found and max(found) >= NOW - DAY_MS},
    }


def test_who_reported_in_the_last_day_is_asked_for_once() -> None:
    table = Table({"a": [NOW], "b": [NOW - 5 * DAY_MS, NOW - 3 * DAY_MS], "c": [NOW - 1]})
    assert table.newest(AGENTS) == {"a": NOW, "b": NOW - 3 * DAY_MS, "c": NOW - 1}
    assert table.asked == [(AGENTS, NOW - DAY_MS), (["b"], None)]
    table.asked.clear()
    assert table.newest(["a", "c"]) == {"a": NOW, "c": NOW - 1}
    assert table.asked == [(["a", "c"], NOW - DAY_MS)]


def test_nobody_is_not_everybody() -> None:
    table = Table({"a": [NOW]})
    assert table.newest([]) == {}
    assert table.asked == []


def test_a_large_fleet_is_not_named() -> None:
    many = [f"agent-{number}" for number in range(newest._MOST_NAMED + 1)]
    table = Table({many[0]: [NOW], many[1]: [NOW - 2 * DAY_MS], "another": [NOW]})
    assert table.newest(many) == {many[0]: NOW, many[1]: NOW - 2 * DAY_MS, "another": NOW}
    assert [agent_ids for agent_ids, _ in table.asked] == [[], many[1:]]


def test_of_a_large_fleet_that_rests_the_last_week_is_asked_for_first() -> None:
    many = [f"agent-{number}" for number in range(newest._MOST_NAMED + 2)]
    table = Table({many[0]: [NOW], many[1]: [NOW - 2 * DAY_MS], many[2]: [NOW - 9 * DAY_MS]})
    assert table.newest(many) == {many[0]: NOW, many[1]: NOW - 2 * DAY_MS, many[2]: NOW - 9 * DAY_MS}
    assert table.asked == [([], NOW - DAY_MS), ([], NOW - 7 * DAY_MS), (many[2:], None)]
    table.asked.clear()
    assert table.newest(many, NOW - 3 * DAY_MS) == {many[0]: NOW, many[1]: NOW - 2 * DAY_MS}
    assert table.asked[1] == ([], NOW - 3 * DAY_MS)
