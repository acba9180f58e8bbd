"""The agents of one demo: registered under names of its own, and set to work."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.demo.agent import DemoAgent
from infra.demo.delivery import Delivery, RouteCounts, sum_of
from infra.demo.plan import AgentPlan
from infra.demo.reporting import ReportingClient
from infra.demo.site import Site
from infra.demo.waiting import wait_until
from infra.demo.work import WorkList

_JOB_SECONDS = 0.5
# More agents work less each, so that the demo and the stack fit on a small machine together.
_MAX_JOBS_A_SECOND = 60.0
_DRAIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """The agents of a demo, in the order of their plan."""

    agents: tuple[DemoAgent, ...]

    @property
    def agent_ids(self) -> list[str]:
        """Their ids."""
        return [agent.agent_id for agent in self.agents]

    @property
    def deliveries(self) -> dict[str, Delivery]:
        """What became of the reports of each, by its id."""
        return {agent.agent_id: agent.client.delivery for agent in self.agents}

    def total(self) -> RouteCounts:
        """The reports of all together."""
        return sum_of([delivery.total() for delivery in self.deliveries.values()])

    async def work(self, seconds: float, stop: asyncio.Event, give_up: asyncio.Event) -> None:
        """Work for `seconds` or until `stop`, then wait for the answers to all reports, or for `give_up`."""
        over = asyncio.Event()
        senders = [asyncio.create_task(agent.client.keep_sending(over)) for agent in self.agents]
        try:
            async with asyncio.TaskGroup() as group:
                for agent in self.agents:
                    group.create_task(agent.work(seconds, stop))
        finally:
            over.set()
            await _finish(senders, give_up)

    async def say_goodbye(self, give_up: asyncio.Event) -> None:
        """Let every agent announce its orderly stop, which ends it for the processors too."""
        await _finish([asyncio.create_task(agent.say_goodbye()) for agent in self.agents], give_up)


async def recruit(plans: Sequence[AgentPlan], prefix: str, site: Site) -> Fleet:
    """Create the agents of a plan, named by `prefix`, number and trade.

    Raises:
        StackError: the query API does not take one.
    """
    every = max(_JOB_SECONDS, len(plans) / _MAX_JOBS_A_SECOND)
    agents = []
    for plan in plans:
        credentials = await site.query.create_agent(f"{prefix}-{plan.number:02d}-{plan.trade}")
        client = ReportingClient(site.gateway, credentials)
        agents.append(DemoAgent(plan, client, WorkList(plan, site.files), site.workshop, job_seconds=every))
    return Fleet(tuple(agents))


def agent_prefix(now: datetime) -> str:
    """What the ids of one demo's agents begin with; earlier demos' agents keep their own history."""
    return f"demo-{now:%m%d-%H%M}-{secrets.token_hex(2)}"


async def _finish(sending: Sequence[asyncio.Task[None]], give_up: asyncio.Event) -> None:
    """Wait for reports to be answered; what is not in time stays counted as unanswered."""

    async def all_sent() -> bool:
        return all(task.done() for task in sending)

    await wait_until(all_sent, _DRAIN_SECONDS, give_up)
    late = [task for task in sending if task.cancel()]
    await asyncio.gather(*late, return_exceptions=True)
    for task in sending:
        if not task.cancelled():
            task.result()
