"""One agent: what it reports is what it did."""

import asyncio
import time
from pathlib import Path
from typing import cast

import httpx
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient

from infra.demo.agent import DemoAgent
from infra.demo.jobs import TargetService
from infra.demo.plan import AgentPlan, Conduct, Episode, Trade
from infra.demo.reporting import ReportingClient
from infra.demo.work import WorkList
from infra.demo.workshop import Workshop
from tests.infra.demo.fake_stack import CREDENTIALS, FakeGateway

FOLDER = Path(__file__).parent


def make(plan: AgentPlan, http: httpx.AsyncClient) -> DemoAgent:
    workshop = Workshop([FOLDER], cast("AsyncClient", None), {TargetService.GATEWAY: http})
    work_list = WorkList(plan, sorted(FOLDER.glob("*.py")))
    return DemoAgent(plan, ReportingClient(http, CREDENTIALS), work_list, workshop, job_seconds=0.05)


async def work(plan: AgentPlan, seconds: float) -> tuple[DemoAgent, FakeGateway]:
    gateway = FakeGateway()
    async with gateway.client() as http:
        agent = make(plan, http)
        await agent.work(seconds, asyncio.Event())
        await agent.client.flush()
        return agent, gateway


async def test_a_good_agent_reports_each_job_and_its_own_life() -> None:
    agent, gateway = await work(AgentPlan(1, Trade.HASHING, 1, None), 0.5)
    # No more than are due; a busy machine leaves some out.
    assert 1 <= agent.counts.done <= 11
    assert agent.counts.failed == agent.counts.refused == 0
    assert len(gateway.events("log")) == agent.counts.done
    assert len(gateway.events("heartbeat")) >= 1
    assert sum(report["metrics"]["interactions"] for report in gateway.events("metrics")) == agent.counts.done
    assert all(report["metrics"]["responseTime"] > 0 for report in gateway.events("metrics"))
    assert agent.client.delivery.total().accepted == gateway.count()


async def test_a_burst_shows_in_logs_and_in_the_agents_own_health() -> None:
    episode = Episode(Conduct.ERROR_BURST, 0.0, 60.0)
    gateway, stop = FakeGateway(), asyncio.Event()
    async with gateway.client() as http, asyncio.timeout(60):
        agent = make(AgentPlan(1, Trade.HASHING, 1, episode), http)
        working = asyncio.create_task(agent.work(60, stop))
        while len(gateway.events("heartbeat")) < 2:
            await asyncio.sleep(0.05)
            await agent.client.flush()
        stop.set()
        await working
        await agent.client.flush()
    assert agent.counts.done == 0
    assert agent.counts.failed > 0
    assert {log["level"] for log in gateway.events("log")} == {"error"}
    assert gateway.events("heartbeat")[-1]["status"] == "error"


@pytest.mark.parametrize(
    ("conduct", "severities"),
    [(Conduct.CRITICAL_BREACH, {"critical"}), (Conduct.REPEATED_BREACHES, {"medium"})],
)
async def test_breaches_are_reported_as_violations_and_not_done(
    conduct: Conduct, severities: set[str]
) -> None:
    agent, gateway = await work(AgentPlan(1, Trade.HASHING, 1, Episode(conduct, 0.0, 60.0)), 0.5)
    violations = gateway.events("violation")
    assert {event["violation"]["severity"] for event in violations} == severities
    assert len(violations) == agent.counts.refused
    assert sum(log["level"] == "warn" for log in gateway.events("log")) == agent.counts.refused


async def test_a_silent_agent_reports_nothing_at_all() -> None:
    episode = Episode(Conduct.SILENCE, 0.0, 60.0)
    agent, gateway = await work(AgentPlan(1, Trade.HASHING, 1, episode), 0.3)
    assert agent.counts.done == gateway.count() == 0


async def test_it_stops_at_once_when_told() -> None:
    gateway, stop = FakeGateway(), asyncio.Event()
    async with gateway.client() as http:
        agent = make(AgentPlan(1, Trade.HASHING, 1, None), http)
        began = time.monotonic()
        working = asyncio.create_task(agent.work(600, stop))
        while not agent.counts.done:  # noqa: ASYNC110 - work has no event
            await asyncio.sleep(0.01)
        stop.set()
        await working
    assert time.monotonic() - began < 60


async def test_it_says_goodbye() -> None:
    gateway = FakeGateway()
    async with gateway.client() as http:
        await make(AgentPlan(1, Trade.HASHING, 1, None), http).say_goodbye()
    assert [beat["status"] for beat in gateway.events("heartbeat")] == ["inactive"]
