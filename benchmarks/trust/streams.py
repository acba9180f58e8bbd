"""The stream of one simulated agent's requests, in the order of time, as the rules read them."""

import heapq
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from benchmarks.trust.conducts import END, Agent, Episode
from schemas.block import Kind
from schemas.messages.cost import CostMetric
from schemas.messages.event import EventType
from schemas.messages.values import AgentHealth, Severity
from stream_processors.rules.evidence import CostRow, EventRow, HeartbeatRow, Rows, ViolationRow


class Request(NamedTuple):
    """What an agent sends at `time`, in minutes; `failed` is the truth about its call, None without one."""

    time: float
    kind: Kind
    rows: Rows
    failed: bool | None = None


def requests(agent: Agent) -> Iterator[Request]:
    """Everything that an agent sends, until it falls silent."""
    parts = (_heartbeats(agent), _violations(agent), _calls(agent), _trivia(agent))
    for request in heapq.merge(*parts, key=lambda request: request.time):
        if request.time >= agent.silent_from:
            return
        yield request


def _heartbeats(agent: Agent) -> Iterator[Request]:
    """One a minute with jitter; one in a hundred is lost, and once a day or so the agent is cut off."""
    source, time = agent.source, 0.0
    next_gap = source.expovariate(1.0 / (24 * 60))
    while time < END:
        if source.random() >= 0.01:
            yield Request(time, Kind.HEARTBEAT, [HeartbeatRow(AgentHealth.ACTIVE.value)])
        time += 1.0 + source.uniform(-0.05, 0.05)
        if time >= next_gap:
            time += source.uniform(1.0, 4.0)
            next_gap = time + source.expovariate(1.0 / (24 * 60))


def _violations(agent: Agent) -> Iterator[Request]:
    for offence in agent.offences:
        row = ViolationRow(offence.rule, Severity(offence.severity))
        yield Request(offence.time, Kind.VIOLATION, [row])


def _calls(agent: Agent) -> Iterator[Request]:
    """A decision, the call as the agent tells it, and what came of it; then what it cost."""
    source = agent.source
    for number, (time, failed) in enumerate(_tries(agent)):
        yield Request(time, Kind.EVENT, _call(agent, time, f"call-{number}", failed=failed), failed)
        tokens = Decimal(int(source.lognormvariate(7.0, 0.8) * agent.cost_factor(time)))
        yield Request(time, Kind.COST, [CostRow(CostMetric.TOKENS_OUT.value, tokens)])


def _tries(agent: Agent) -> Iterator[tuple[float, bool]]:
    """When calls come and whether they fail; a retry comes within seconds and fails half of the time."""
    source = agent.source
    retries: list[tuple[float, int]] = []

    def failing(time: float, rate: float, left: int) -> bool:
        failed = source.random() < rate
        if failed and left:
            heapq.heappush(retries, (time + source.uniform(1.0, 8.0) / 60.0, left - 1))
        return failed

    for time, episode in _call_times(agent):
        while retries and retries[0][0] < time:
            again, left = heapq.heappop(retries)
            yield again, failing(again, 0.5, left)
        yield time, failing(time, agent.failure_rate(time, episode), agent.tries - 1)


def _call(agent: Agent, time: float, span_id: str, *, failed: bool) -> list[EventRow]:
    source = agent.source
    tool = source.choice(agent.tools)
    latency = source.lognormvariate(0.0, agent.spread) * agent.latency * agent.latency_factor(time)
    claimed = not failed or agent.lies(time)
    # Records of outcomes are not perfect either.
    turned_out = not failed and source.random() >= 0.002
    return [
        EventRow(EventType.DECISION.value, decision="deny" if source.random() < 0.01 else "allow"),
        EventRow(
            EventType.TOOL_CALL.value, tool_name=tool, success=claimed, latency_ms=latency, span_id=span_id
        ),
        EventRow(EventType.OUTCOME.value, tool_name=tool, success=turned_out, span_id=span_id),
    ]


def _call_times(agent: Agent) -> Iterator[tuple[float, Episode | None]]:
    """A Poisson process, faster where an episode says so."""
    source, time, place = agent.source, 0.0, 0
    episodes = agent.episodes
    while True:
        while place < len(episodes) and episodes[place].end <= time:
            place += 1
        episode = episodes[place] if place < len(episodes) and episodes[place].start <= time else None
        rate = agent.calls if episode is None else max(agent.calls, episode.calls)
        # What is drawn beyond a change of rate is drawn anew from there: the process has no memory.
        change = END
        if episode is not None:
            change = episode.end
        elif place < len(episodes):
            change = episodes[place].start
        gap = source.expovariate(rate)
        if time + gap >= change:
            time = change
            if time >= END:
                return
            continue
        time += gap
        yield time, episode


def _trivia(agent: Agent) -> Iterator[Request]:
    """A flooder's trivial calls, 20 a minute, which always succeed."""
    source, time, number = agent.source, agent.onset, 0
    while time < END and agent.floods(time):
        number += 1
        span_id = f"trivial-{number}"
        rows = [
            EventRow(
                EventType.TOOL_CALL.value, tool_name="noop", success=True, latency_ms=5.0, span_id=span_id
            ),
            EventRow(EventType.OUTCOME.value, tool_name="noop", success=True, span_id=span_id),
        ]
        yield Request(time, Kind.EVENT, rows, failed=False)
        time += source.expovariate(20.0)
