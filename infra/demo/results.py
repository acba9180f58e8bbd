"""What became of a demo's agents, read back through the query API."""

import asyncio
from dataclasses import dataclass, replace

from infra.demo.agent import DemoAgent, WorkCounts
from infra.demo.delivery import RouteCounts
from infra.demo.fleet import Fleet
from infra.demo.payloads import VIOLATION
from infra.demo.plan import AgentPlan
from infra.demo.query_client import AlertFound, QueryClient, TrustPoint, ViolationFound
from infra.demo.stored import StoredCounts, events_of
from schemas.derived import OnlineStatus, TrustStatus

_CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Findings:
    """What the query API says of one agent; `lowest_trust` is over all that it still shows."""

    status: str
    trust: TrustPoint | None
    lowest_trust: float | None
    violations: list[ViolationFound]
    alerts: list[AlertFound]


@dataclass(frozen=True, slots=True)
class AgentResult:
    """One line of the table; `stored` counts distinct events."""

    agent_id: str
    plan: AgentPlan
    jobs: WorkCounts
    reports: RouteCounts
    stored: int
    findings: Findings


async def read_back(fleet: Fleet, stored: StoredCounts, query: QueryClient) -> list[AgentResult]:
    """Ask for every agent, in the order of the plan.

    Raises:
        StackError: the query API does not answer.
    """
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def result(agent: DemoAgent) -> AgentResult:
        async with gate:
            findings = await find(agent.agent_id, query)
        return AgentResult(
            agent_id=agent.agent_id,
            plan=agent.plan,
            jobs=replace(agent.counts),
            reports=agent.client.delivery.total(),
            stored=events_of(stored, agent.agent_id),
            findings=findings,
        )

    return list(await asyncio.gather(*map(result, fleet.agents)))


async def find(agent_id: str, query: QueryClient) -> Findings:
    """Ask for one agent.

    Raises:
        StackError: the query API does not answer.
    """
    status = await query.status(agent_id)
    trust = await query.trust(agent_id)
    return Findings(
        status=status.status,
        trust=trust.current,
        lowest_trust=min((point.score for point in trust.history), default=None),
        violations=await query.violations(agent_id),
        alerts=await query.alerts(agent_id),
    )


async def is_settled(agent: DemoAgent, query: QueryClient) -> bool:
    """Whether the query API shows all that the agent reported, up to its orderly stop.

    Raises:
        StackError: the query API does not answer.
    """
    found = await query.status(agent.agent_id)
    stopped = found.trust is not None and found.trust.status is TrustStatus.STOPPED
    if not stopped or found.status != OnlineStatus.OFFLINE:
        return False
    reported = agent.client.delivery.of(VIOLATION).accepted
    return not reported or len(await query.violations(agent.agent_id)) >= reported
