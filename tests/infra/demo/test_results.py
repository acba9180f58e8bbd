"""Reading back what became of the agents."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from infra.demo.agent import DemoAgent
from infra.demo.fleet import Fleet
from infra.demo.plan import AgentPlan, Trade
from infra.demo.query_client import QueryClient
from infra.demo.reporting import ReportingClient
from infra.demo.results import is_settled, read_back
from infra.demo.stored import StoredCount
from infra.demo.work import WorkList
from infra.demo.workshop import Workshop
from tests.infra.demo.fake_stack import CREDENTIALS, FakeGateway, FakeQueryApi

AGENT = CREDENTIALS.agent_id


def answers(
    *,
    status: str = "offline",
    trust: str = "stopped",
    scores: tuple[float, ...] = (60.0,),
    violations: int = 0,
) -> Mapping[str, object]:
    points = [{"score": score, "level": "watch", "status": trust} for score in scores]
    return {
        f"/api/v1/agents/{AGENT}/status": {"status": status, "trust": points[0] if points else None},
        f"/api/v1/agents/{AGENT}/trust": {"current": points[0] if points else None, "history": points},
        "/api/v1/alerts": {"alerts": [], "next_cursor": None},
        "/api/v1/violations": {
            "violations": [{"rule": "r", "severity": "medium"}] * violations,
            "next_cursor": None,
        },
    }


async def make_agent() -> DemoAgent:
    plan = AgentPlan(1, Trade.HASHING, 1, None)
    async with FakeGateway().client() as http:
        client = ReportingClient(http, CREDENTIALS)
        client.report("violation", {"agentId": AGENT, "type": "r", "severity": "medium"})
        await client.flush()
    work_list = WorkList(plan, [Path(__file__)])
    return DemoAgent(plan, client, work_list, cast("Workshop", None), job_seconds=1)


@pytest.mark.parametrize(
    ("shown", "settled"),
    [
        (answers(violations=1), True),
        (answers(violations=1, status="online"), False),
        (answers(violations=1, trust="provisional"), False),
        (answers(violations=1, scores=()), False),
        (answers(violations=0), False),
    ],
)
async def test_settled_is_when_the_stop_and_all_violations_are_taken(
    shown: Mapping[str, object], settled: bool
) -> None:
    agent = await make_agent()
    async with FakeQueryApi(shown).client() as http:
        assert await is_settled(agent, QueryClient(http)) is settled


async def test_it_reads_each_agent_back() -> None:
    agent = await make_agent()
    agent.counts.done = 7
    api = FakeQueryApi(answers(scores=(40.0, 34.5, 60.0), violations=2))
    stored = {AGENT: {"violation": StoredCount(1, 1), "log": StoredCount(2, 2)}}
    async with api.client() as http:
        [result] = await read_back(Fleet((agent,)), stored, QueryClient(http))
    assert (result.agent_id, result.stored, result.jobs.done, result.reports.accepted) == (AGENT, 3, 7, 1)
    assert result.findings.trust is not None
    assert (result.findings.trust.score, result.findings.lowest_trust) == (40.0, 34.5)
    assert len(result.findings.violations) == 2
