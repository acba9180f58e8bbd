"""One agent of the demo: does jobs, keeps an eye on itself, and reports like any agent would."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infra.demo import payloads
from infra.demo.jobs import Outcome, Refused
from infra.demo.plan import HEARTBEAT_SECONDS, AgentPlan, Conduct
from infra.demo.reporting import ReportingClient
from infra.demo.work import WorkList
from infra.demo.workshop import Workshop
from schemas.messages.event import EventType
from schemas.messages.values import AgentHealth

_METRICS_SECONDS = 5.0
_STAGGER = 10


@dataclass(slots=True)
class WorkCounts:
    """What an agent has done; `milliseconds` are of the jobs since the last metrics report."""

    done: int = 0
    failed: int = 0
    refused: int = 0
    milliseconds: list[float] = field(default_factory=list)
    latest: deque[bool] = field(default_factory=lambda: deque(maxlen=payloads.HEALTH_WINDOW))


class DemoAgent:
    """Works until it is told to stop; what it did is in `counts` and `client.delivery`."""

    def __init__(
        self,
        plan: AgentPlan,
        client: ReportingClient,
        work_list: WorkList,
        workshop: Workshop,
        *,
        job_seconds: float,
    ) -> None:
        """Begin a job every `job_seconds`."""
        self.plan = plan
        self.agent_id = client.agent_id
        self.client = client
        self.counts = WorkCounts()
        self._work_list = work_list
        self._workshop = workshop
        self._job_seconds = job_seconds
        self._started = time.monotonic()
        self._stopping = asyncio.Event()

    async def work(self, seconds: float, stop: asyncio.Event) -> None:
        """Work and report for `seconds`, or until `stop` is set; the caller keeps the client sending."""
        self._started = time.monotonic()
        self._stopping = stop
        self._report_run(EventType.RUN_START)
        # Spread over one turn, so that the fleet does not do all its jobs in the same instant.
        await self._pause(self.plan.number % _STAGGER / _STAGGER * self._job_seconds)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(self._job_seconds, seconds, self._do_next_job))
            group.create_task(self._repeat(HEARTBEAT_SECONDS, seconds, self._beat))
            group.create_task(self._repeat(_METRICS_SECONDS, seconds, self._measure))
        if self.counts.milliseconds:
            self._report_metrics()
        self._report_run(EventType.RUN_END)

    async def say_goodbye(self) -> None:
        """Announce an orderly stop, so that nobody takes the coming silence for a failure."""
        now = datetime.now(UTC)
        payload = payloads.heartbeat(self.agent_id, AgentHealth.INACTIVE, self._uptime(), now)
        self.client.report(payloads.HEARTBEAT, payload)
        await self.client.flush()

    async def _repeat(self, every: float, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        """Act on a grid of `every` seconds; turns that an action has outlasted are left out."""
        while not self._stopping.is_set() and (elapsed := self._uptime()) < seconds:
            await action()
            next_turn = (elapsed // every + 1) * every
            await self._pause(min(next_turn, seconds) - self._uptime())

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), max(0.0, seconds))

    async def _do_next_job(self) -> None:
        conduct = self.plan.conduct_at(self._uptime())
        if conduct is not Conduct.SILENCE:
            self._account_for(await self._workshop.do(self._work_list.next(conduct)))

    def _account_for(self, outcome: Outcome) -> None:
        now = datetime.now(UTC)
        if isinstance(outcome, Refused):
            self.counts.refused += 1
            self.client.report(payloads.VIOLATION, payloads.violation(self.agent_id, outcome, now))
            self.client.report(payloads.LOG, payloads.log_of_refused(self.agent_id, outcome, now))
            self.client.report(payloads.EVENT, payloads.denied_call(self.agent_id, outcome, now))
            return
        self.counts.done += outcome.succeeded
        self.counts.failed += not outcome.succeeded
        self.counts.latest.append(outcome.succeeded)
        self.counts.milliseconds.append(outcome.milliseconds)
        self.client.report(payloads.LOG, payloads.log_of_done(self.agent_id, outcome, now))
        self.client.report(payloads.EVENT, payloads.tool_call(self.agent_id, outcome, now))
        self.client.report(payloads.COST, payloads.cost(self.agent_id, outcome, now))

    async def _beat(self) -> None:
        if not self._is_silent():
            health = payloads.health_of(self.counts.latest)
            payload = payloads.heartbeat(self.agent_id, health, self._uptime(), datetime.now(UTC))
            self.client.report(payloads.HEARTBEAT, payload)

    async def _measure(self) -> None:
        if self.counts.milliseconds and not self._is_silent():
            self._report_metrics()

    def _report_metrics(self) -> None:
        measured, self.counts.milliseconds = self.counts.milliseconds, []
        payload = payloads.metrics(self.agent_id, measured, self._uptime(), datetime.now(UTC))
        self.client.report(payloads.METRICS, payload)

    def _report_run(self, event_type: EventType) -> None:
        if not self._is_silent():
            event = payloads.run_event(self.agent_id, event_type, datetime.now(UTC))
            self.client.report(payloads.EVENT, event)

    def _is_silent(self) -> bool:
        return self.plan.conduct_at(self._uptime()) is Conduct.SILENCE

    def _uptime(self) -> float:
        return time.monotonic() - self._started
