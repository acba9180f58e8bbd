"""How many questions a page takes: as few as its entries allow."""

import asyncio
from typing import cast

import pytest

from query_api.database import Database, Row
from query_api.newest_entries import newest_entries
from query_api.queries.logs import LogSearch
from query_api.queries.query import Query
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel

OF_AGENT, OF_TENANT = AgentRef("acme", "scout"), AgentRef("acme", "")
PLAIN, WORD, TRACE = LogSearch(levels=[LogLevel.ERROR]), LogSearch(text="word"), LogSearch(trace_id="ab")
INDEXED, BY_TIME, SCAN = "optimize_use_projections", "timestamp IN (", "OFFSET"


class Answers:
    """A database that has so many rows for each question, and keeps what it was asked."""

    def __init__(self, counts: list[int]) -> None:
        self._counts = counts
        self.asked: list[str] = []
        self.limits: list[int] = []

    async def rows(self, query: Query) -> list[Row]:
        [kind] = [kind for kind in (INDEXED, BY_TIME, SCAN) if kind in query.sql]
        self.asked.append(kind)
        self.limits.append(query.parameters["limit"])
        return [{"of": kind}] * self._counts.pop(0)


@pytest.mark.parametrize(
    ("ref", "wanted", "counts", "asked", "limits"),
    [
        (OF_AGENT, PLAIN, [5], [INDEXED], [5]),
        (OF_AGENT, PLAIN, [2, 1, 0], [INDEXED] * 3, [5, 3, 2]),
        (OF_AGENT, WORD, [2, 3], [INDEXED] * 2, [5, 3]),
        (OF_TENANT, PLAIN, [5], [BY_TIME], [5]),
        (OF_TENANT, PLAIN, [2, 1, 0], [BY_TIME] * 3, [5, 3, 2]),
        (OF_TENANT, WORD, [5], [SCAN], [5]),
        (OF_TENANT, WORD, [1, 5], [SCAN] * 2, [5] * 2),
        (OF_TENANT, WORD, [4, 4, 5], [SCAN, SCAN, INDEXED], [5] * 3),
        (OF_TENANT, WORD, [1, 4, 0, 1, 0], [SCAN, SCAN, INDEXED, INDEXED, INDEXED], [5, 5, 5, 5, 4]),
        (OF_TENANT, WORD, [0, 4, 0], [SCAN, INDEXED, INDEXED], [5, 5, 1]),
        (OF_TENANT, TRACE, [1], [INDEXED], [5]),
    ],
)
def test_it_goes_on_until_a_page_is_full(
    ref: AgentRef, wanted: LogSearch, counts: list[int], asked: list[str], limits: list[int]
) -> None:
    answers = Answers(list(counts))
    rows = asyncio.run(newest_entries(cast("Database", answers), ref, wanted, None, 5))
    assert answers.asked == asked
    assert answers.limits == limits
    # What a scan found in part is found again.
    last_scan = max((place for place, kind in enumerate(asked) if kind == SCAN), default=-1)
    again = last_scan + 1 if INDEXED in asked else max(last_scan, 0)
    assert len(rows) == sum(counts[again:])
