"""What masking costs: one gateway, the same 200-byte messages, agents with different privacy policies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from benchmarks.gateway.arena import GATEWAY_PATH, write_requests
from benchmarks.gateway.measuring import Contender
from benchmarks.gateway.payloads import gateway_body, http_request, with_findings
from benchmarks.gateway.results import Sample, spread
from benchmarks.load import Agent
from benchmarks.stack import Stack

OFF = "masking off"
POLICIES: Mapping[str, Mapping[str, str]] = {
    OFF: {"personal_data": "off", "secrets": "off"},
    "by default": {},
    "all masked": {"personal_data": "mask", "secrets": "mask"},
}
EVENTS = (1, 100)
MUST = 0.7
# One message in so many holds an address and a number.
FINDING_EVERY = 20
_SEED = 1


def create_agents(stack: Stack, count: int) -> dict[str, list[Agent]]:
    """Agents for each policy, which the query API puts in force."""
    created = {}
    with httpx.Client(base_url=stack.query, headers={"Authorization": f"Bearer {stack.token}"}) as client:
        for number, (name, policy) in enumerate(POLICIES.items()):
            created[name] = stack.create_agents(count, prefix=f"privacy-{number}")
            for agent in created[name] if policy else ():
                client.put(f"/api/v1/agents/{agent.agent_id}/privacy", json=policy).raise_for_status()
    return created


def contenders(gateway: Contender, agents: Mapping[str, Sequence[Agent]], folder: Path) -> list[Contender]:
    """The same gateway under each policy's name, with the requests of its agents."""
    return [
        Contender(
            replace(gateway.server, name=name),
            {
                events: write_requests(
                    folder / name.replace(" ", "-") / str(events),
                    (_request(agent, events, number) for number, agent in enumerate(of_policy)),
                )
                for events in EVENTS
            },
            gateway.stored,
        )
        for name, of_policy in agents.items()
    ]


def masking_verdicts(samples: Sequence[Sample]) -> list[str]:
    """For each size of request and policy, whether rate and CPU are near enough to those without masking."""
    lines = []
    for case in sorted({sample.case for sample in samples}):
        of_case = [sample for sample in samples if sample.case == case]
        off = [sample for sample in of_case if sample.server == OFF]
        for name in dict.fromkeys(sample.server for sample in of_case if sample.server != OFF):
            on = [sample for sample in of_case if sample.server == name]
            rate = spread(s.rate for s in on).median / spread(s.rate for s in off).median
            cpu = (
                spread(s.server_cpu_per_million for s in off).median
                / spread(s.server_cpu_per_million for s in on).median
            )
            lines.append(
                f"{name}, {case.events} events a request: {rate:.2f} x the rate without masking, {cpu:.2f} x "
                f"the events per CPU second; must {MUST:g}: {'met' if min(rate, cpu) >= MUST else 'not met'}"
            )
    return lines


def _request(agent: Agent, events: int, number: int) -> bytes:
    body = gateway_body(agent.agent_id, events, seed=_SEED)
    # With one event a request, one agent in so many has something to mask.
    body = with_findings(body, FINDING_EVERY, first=number)
    return http_request("127.0.0.1", GATEWAY_PATH, {"Authorization": f"Bearer {agent.api_key}"}, body)
