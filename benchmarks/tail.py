"""`make bench-tail`: from the gateway's 202 for a log entry to its message on each of many sockets."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.load import Agent
from benchmarks.stack import Stack, running_stack
from benchmarks.statistics import percentile

_OPEN_SECONDS = 60
_SETTLE_SECONDS = 3.0
_LAST_SECONDS = 10.0
_MUST_SECONDS = 0.5
_console = Console(width=110)


@dataclass(frozen=True)
class Scenario:
    """How many agents report how many entries a second in all; sockets are shared out over the agents."""

    name: str
    agents: int
    entries_per_second: int


SCENARIOS = (
    Scenario("50 agents, each read by a tenth of the sockets", 50, 50),
    Scenario("one agent that all sockets read", 1, 20),
)


@dataclass
class Run:
    """When entries were accepted, by their text, and when each socket had them."""

    accepted: dict[str, float] = field(default_factory=dict)
    seen: list[tuple[str, float]] = field(default_factory=list)
    missed: int = 0

    def delays(self) -> list[float]:
        """Seconds from the 202 to the message; the message may be there before the answer is read."""
        return [max(0.0, at - self.accepted[text]) for text, at in self.seen if text in self.accepted]


@dataclass
class Plan:
    """One run of a scenario."""

    scenario: Scenario
    sockets: int
    seconds: int
    run: Run = field(default_factory=Run)

    @property
    def wanted(self) -> int:
        """How many messages there have to be."""
        return len(self.run.accepted) * self.sockets // self.scenario.agents


async def _read(socket: aiohttp.ClientWebSocketResponse, run: Run) -> None:
    async for message in socket:
        now = time.monotonic()
        told = orjson.loads(message.data)
        run.missed += told.get("missed", 0)
        run.seen += [(entry["message"], now) for entry in told.get("logs", ())]


async def _report(session: aiohttp.ClientSession, stack: Stack, agent: Agent, run: Run, text: str) -> None:
    body = {"agentId": agent.agent_id, "level": "info", "message": text, "context": {"step": 1}}
    headers = {"Authorization": f"Bearer {agent.api_key}"}
    async with session.post(f"{stack.gateway}/api/v1/agents/logs", json=body, headers=headers) as answer:
        answer.raise_for_status()
        run.accepted[text] = time.monotonic()


async def _load(session: aiohttp.ClientSession, stack: Stack, agents: Sequence[Agent], plan: Plan) -> None:
    """Entries at a fixed rate, whatever becomes of those before."""
    rate = plan.scenario.entries_per_second
    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * plan.seconds):
            await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
            agent = agents[number % len(agents)]
            group.create_task(_report(session, stack, agent, plan.run, f"entry {number}"))


async def _measure(stack: Stack, agents: Sequence[Agent], plan: Plan) -> Run:
    run = plan.run
    headers = {"Authorization": f"Bearer {stack.token}"}
    url = f"{stack.query}/api/v1/agents/{{}}/logs/stream"
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        readers = []
        for number in range(plan.sockets):
            agent_id = agents[number % len(agents)].agent_id
            async with asyncio.timeout(_OPEN_SECONDS):
                socket = await session.ws_connect(url.format(agent_id), headers=headers, max_msg_size=0)
                await socket.receive()
            readers.append((socket, group.create_task(_read(socket, run))))
        await asyncio.sleep(_SETTLE_SECONDS)
        await _load(session, stack, agents, plan)
        deadline = time.monotonic() + _LAST_SECONDS
        while len(run.seen) + run.missed < plan.wanted and time.monotonic() < deadline:  # noqa: ASYNC110 - counted, not signalled
            await asyncio.sleep(0.05)
        for socket, reading in readers:
            await socket.close()
            await reading
    return run


def main() -> None:
    """Print a row for each scenario; exit code 1 if a message is missing or half a second is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    table = Table("scenario", "entries/s", "messages", "missed", "p50 ms", "p95 ms", "p99 ms", "max ms")
    failed = False
    with running_stack(1) as (stack, _):
        agents = stack.create_agents(max(scenario.agents for scenario in SCENARIOS), "tail")
        for scenario in SCENARIOS:
            plan = Plan(scenario, options.sockets, options.seconds)
            run = asyncio.run(_measure(stack, agents[: scenario.agents], plan))
            delays = run.delays()
            times = [f"{percentile(delays, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99, 1)]
            counts = (str(scenario.entries_per_second), str(len(delays)), str(run.missed))
            table.add_row(scenario.name, *counts, *times)
            failed |= len(run.seen) != plan.wanted or percentile(delays, 0.99) > _MUST_SECONDS
    _console.print(table)
    sys.exit(failed)


if __name__ == "__main__":
    main()
