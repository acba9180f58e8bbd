"""Waiting until the stack shows all."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import OperationalError

from infra.demo.fleet import Fleet
from infra.demo.query_client import QueryClient
from infra.demo.settling import wait_until_settled, wait_until_stored
from infra.demo.site import Site
from infra.demo.stored import StoredCount
from infra.errors import StackError
from tests.infra.demo.fake_stack import CREDENTIALS, FakeQueryApi
from tests.infra.demo.test_results import answers, make_agent

AGENT = CREDENTIALS.agent_id


class SlowClickHouse:
    """Is away, then empty, then has the one event."""

    def __init__(self, *answers: Sequence[Sequence[object]] | Exception) -> None:
        self._answers = list(answers)
        self.result_rows: Sequence[Sequence[object]] = []

    async def query(self, _sql: str, parameters: object) -> "SlowClickHouse":
        assert parameters
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.result_rows = answer
        return self


def site(clickhouse: SlowClickHouse | None = None, query: QueryClient | None = None) -> Site:
    return Site(
        gateway=cast("object", None),  # type: ignore[arg-type] # not used here
        query=cast("QueryClient", query),
        clickhouse=cast("AsyncClient", clickhouse),
        workshop=cast("object", None),  # type: ignore[arg-type] # not used here
        files=(),
    )


async def test_it_waits_for_the_rows_through_an_outage() -> None:
    fleet = Fleet((await make_agent(),))
    clickhouse = SlowClickHouse(OperationalError("away"), [], [("violation", AGENT, 1, 1)])
    stored = await wait_until_stored(fleet, site(clickhouse), asyncio.Event())
    assert stored == {AGENT: {"violation": StoredCount(1, 1)}}


async def test_it_takes_what_there_is_when_told_to_give_up() -> None:
    give_up = asyncio.Event()
    give_up.set()
    assert await wait_until_stored(Fleet((await make_agent(),)), site(SlowClickHouse([])), give_up) == {
        AGENT: {}
    }


async def test_a_clickhouse_that_never_answers_is_an_error() -> None:
    give_up = asyncio.Event()
    give_up.set()
    fleet = Fleet((await make_agent(),))
    with pytest.raises(StackError, match=r"ClickHouse does not answer \(away\)"):
        await wait_until_stored(fleet, site(SlowClickHouse(OperationalError("away"))), give_up)


async def test_it_waits_for_the_processors() -> None:
    api = FakeQueryApi(answers(violations=0))
    agent = await make_agent()
    async with api.client() as http, asyncio.timeout(60):
        waiting = asyncio.create_task(
            wait_until_settled(Fleet((agent,)), site(query=QueryClient(http)), asyncio.Event())
        )
        while len(api.requests) < 4:  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.01)
        assert not waiting.done()
        api.answers |= answers(violations=1)
        assert await waiting == []


async def test_it_names_those_that_are_left() -> None:
    give_up = asyncio.Event()
    give_up.set()
    agent = await make_agent()
    async with FakeQueryApi().client() as http:
        left = await wait_until_settled(Fleet((agent,)), site(query=QueryClient(http)), give_up)
    assert left == [agent]
