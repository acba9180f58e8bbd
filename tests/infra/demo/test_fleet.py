"""The fleet: registered under its own names, working together."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient

from infra.demo.fleet import agent_prefix, recruit
from infra.demo.jobs import TargetService
from infra.demo.plan import plan
from infra.demo.query_client import QueryClient
from infra.demo.site import Site
from infra.demo.workshop import Workshop
from infra.errors import StackError
from schemas.identity import is_valid_id
from tests.infra.demo.fake_stack import FakeGateway, FakeQueryApi

FOLDER = Path(__file__).parent


def site(gateway: httpx.AsyncClient, query: httpx.AsyncClient) -> Site:
    clickhouse = cast("AsyncClient", None)
    targets = {TargetService.GATEWAY: gateway, TargetService.QUERY: gateway}
    workshop = Workshop([FOLDER], clickhouse, targets)
    return Site(gateway, QueryClient(query), clickhouse, workshop, sorted(FOLDER.glob("*.py")))


async def test_agents_are_created_by_plan_and_report_under_their_names() -> None:
    gateway, api = FakeGateway(), FakeQueryApi()
    async with gateway.client() as http, api.client() as query:
        fleet = await recruit(plan(1, 1, 60), "demo-x", site(http, query))
        await fleet.work(0.3, asyncio.Event(), asyncio.Event())
        await fleet.say_goodbye(asyncio.Event())
    assert fleet.agent_ids == ["demo-x-01-hash"]
    total = fleet.total()
    assert total.accepted == total.reported == gateway.count() > 2
    assert gateway.events("heartbeat")[-1]["status"] == "inactive"
    assert fleet.deliveries["demo-x-01-hash"].total() == total


async def test_a_name_that_is_taken_is_an_error() -> None:
    async with FakeGateway().client() as http, FakeQueryApi(taken=["demo-x-01-hash"]).client() as query:
        with pytest.raises(StackError, match="exists"):
            await recruit(plan(1, 1, 60), "demo-x", site(http, query))


async def test_stop_ends_the_work_and_sends_the_rest() -> None:
    gateway, stop = FakeGateway(), asyncio.Event()
    async with gateway.client() as http, FakeQueryApi().client() as query, asyncio.timeout(60):
        fleet = await recruit(plan(1, 1, 600), "demo-x", site(http, query))
        working = asyncio.create_task(fleet.work(600, stop, asyncio.Event()))
        while not gateway.count():  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.01)
        stop.set()
        await working
    assert fleet.total().unanswered == 0


async def test_giving_up_leaves_the_rest_unanswered_at_once() -> None:
    stop, give_up = asyncio.Event(), asyncio.Event()
    gateway = FakeGateway([httpx.ConnectError("refused")] * 1000)
    async with gateway.client() as http, FakeQueryApi().client() as query, asyncio.timeout(60):
        fleet = await recruit(plan(1, 1, 600), "demo-x", site(http, query))
        working = asyncio.create_task(fleet.work(600, stop, give_up))
        while not gateway.requests:  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.01)
        stop.set()
        give_up.set()
        await working
        await fleet.say_goodbye(give_up)
    assert fleet.total().accepted == 0
    assert fleet.total().unanswered == fleet.total().reported > 0


def test_prefixes_are_valid_ids_and_differ() -> None:
    now = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)
    assert agent_prefix(now).startswith("demo-0131-1205-")
    assert is_valid_id(agent_prefix(now))
    assert len({agent_prefix(now) for _ in range(20)}) > 15
