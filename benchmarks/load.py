"""An open load on the gateway: requests at fixed times, whatever the answers take; a process of its own."""

import argparse
import asyncio
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from benchmarks.payloads import bodies

_LOGS = "/api/v1/agents/logs"
_TRIES = 40
_CONNECTIONS = 64


class Agent(msgspec.Struct):
    """An agent of the load and its key."""

    agent_id: str
    api_key: str


class Plan(msgspec.Struct):
    """What to send; `rate` in events a second, `seconds` of sending."""

    gateway: str
    agents: list[Agent]
    rate: float
    seconds: float
    events_per_request: int = 100
    seed: int = 1


class Accepted(msgspec.Struct):
    """An answered request: when it was due, sent and answered (seconds since the epoch), and its batch."""

    agent_id: str
    batch_id: str
    due: float
    answered: float
    tries: int


class Result(msgspec.Struct):
    """What became of the load; `behind` is the worst lateness of a send in seconds."""

    accepted: list[Accepted]
    failed: int
    behind: float
    cpu_seconds: float


@dataclass
class _Sender:
    plan: Plan
    session: aiohttp.ClientSession
    accepted: list[Accepted]
    failed: int = 0
    behind: float = 0.0

    async def send(self, agent: Agent, body: bytes, due: float) -> None:
        """Send one request until it is answered with 202, repeating it under its key."""
        headers = {
            "Authorization": f"Bearer {agent.api_key}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        self.behind = max(self.behind, time.time() - due)
        for attempt in range(1, _TRIES + 1):
            try:
                async with self.session.post(_LOGS, data=body, headers=headers) as answer:
                    content = await answer.read()
                    if answer.status == 202:
                        batch_id = msgspec.json.decode(content)["batch_id"]
                        self.accepted.append(Accepted(agent.agent_id, batch_id, due, time.time(), attempt))
                        return
                    if answer.status < 500:
                        raise SystemExit(f"the gateway refused the load: {answer.status} {content[:300]!r}")
            except (aiohttp.ClientError, TimeoutError):
                pass  # unknown outcome: the same key is sent again below
            await asyncio.sleep(0.25)
        self.failed += 1


async def run(plan: Plan) -> Result:
    """Send the plan's load and wait for every answer."""
    streams = [
        (agent, bodies(agent.agent_id, plan.events_per_request, seed=plan.seed)) for agent in plan.agents
    ]
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(plan.gateway, connector=connector, timeout=timeout) as session:
        sender = _Sender(plan, session, [])
        interval = plan.events_per_request / plan.rate
        total = int(plan.seconds / interval)
        start = time.time()
        async with asyncio.TaskGroup() as group:
            for number in range(total):
                due = start + number * interval
                if (wait := due - time.time()) > 0:
                    await asyncio.sleep(wait)
                agent, stream = streams[number % len(streams)]
                group.create_task(sender.send(agent, next(stream), due))
    return Result(sender.accepted, sender.failed, sender.behind, time.process_time())


def main() -> None:
    """Read a plan, send it, write the result; both are msgpack files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("result", type=Path)
    arguments = parser.parse_args()
    plan = msgspec.msgpack.decode(arguments.plan.read_bytes(), type=Plan)
    result = asyncio.run(run(plan))
    arguments.result.write_bytes(msgspec.msgpack.encode(result))
    sys.exit(1 if result.failed else 0)


if __name__ == "__main__":
    main()
