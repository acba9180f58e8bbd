"""Random lives of one to three workers under load, the same for the same seed, and what must hold then."""

import asyncio
import contextlib
import random
import signal
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from runtime.restarting_producer import RestartingProducer
from runtime.settings import KafkaAddress
from schemas.alert_rules import AlertRule, AlertRuleTerms, Metric, Rate, Scope, ScopeKind
from schemas.control_block import ControlRow
from schemas.policy import CostCap, Policy, PolicyTerms
from schemas.topics import Topic
from schemas.verification import Outcome, Verification
from stream_processors.control_feed import control_record
from stream_processors.verification.verifying import verify
from tests.integration.telemetry_feed import PARTITIONS, Fleet, loading
from tests.integration.worker_process import WorkerProcess

WORKERS = 3
STEPS = 7
# Some are longer than a session (10 s), so that others take over before the worker wakes.
HANGS = (0.5, 3.0, 6.0, 13.0)


class Fate(StrEnum):
    """What befalls a worker; one that does not run is started instead."""

    KILL = "kill"
    STOP = "stop"
    HANG = "hang"
    RESTART = "restart"


class Step(NamedTuple):
    """After so many seconds, what happens to which worker; a hang lasts for `seconds`."""

    after: float
    worker: int
    fate: Fate
    seconds: float = 0.0


class Life(NamedTuple):
    """A schedule: whether the group knows workers again by name, and the steps in their order."""

    static: bool
    steps: Sequence[Step]


def life(seed: int) -> Life:
    """The schedule of a seed."""
    generator = random.Random(seed)  # noqa: S311 - a test's choice, not a secret
    fates = [Fate.KILL, Fate.KILL, Fate.RESTART, Fate.STOP, Fate.HANG]
    steps = []
    for _ in range(STEPS):
        fate = generator.choice(fates)
        seconds = generator.choice(HANGS) if fate is Fate.HANG else 0.0
        steps.append(Step(generator.uniform(0.2, 5.0), generator.randrange(WORKERS), fate, seconds))
    return Life(generator.random() < 0.5, steps)


class Crew:
    """The workers of a life; one of them at least has been started when it begins."""

    def __init__(self, address: KafkaAddress, folder: Path, *, static: bool) -> None:
        self.workers = []
        for number in range(WORKERS):
            own = folder / f"worker-{number}"
            own.mkdir(parents=True)
            instance = f"{folder.name}-{number}" if static else None
            self.workers.append(WorkerProcess(address, own, instance))
        self._hanging: dict[int, asyncio.Task[None]] = {}

    async def suffer(self, step: Step) -> None:
        """Let a step befall its worker."""
        await asyncio.sleep(step.after)  # the schedule's own pace
        worker = self.workers[step.worker]
        if not worker.is_running:
            worker.start()
        elif step.fate is Fate.HANG:
            await self._wake(step.worker)
            worker.send(signal.SIGSTOP)
            self._hanging[step.worker] = asyncio.create_task(self._wake_later(step.worker, step.seconds))
        elif step.fate is Fate.STOP:
            await self._wake(step.worker)
            worker.send(signal.SIGTERM)
        else:
            await self._wake(step.worker)
            worker.kill()
            if step.fate is Fate.RESTART:
                worker.start()

    async def settle(self, offsets: list[tuple[int, int]]) -> None:
        """End all but one, which stores what is left, and that one in an orderly way."""
        for number, worker in enumerate(self.workers):
            await self._wake(number)
            if number and worker.is_running:
                worker.send(signal.SIGTERM)
        for worker in self.workers[1:]:
            if worker.is_running:
                await worker.exit_code()
        last = self.workers[0]
        await last.has_stored(offsets, supervised=True)
        assert await last.stop() == 0, last.log

    async def end(self) -> None:
        """Leave none behind."""
        for number, worker in enumerate(self.workers):
            await self._wake(number)
            worker.kill()

    async def _wake(self, number: int) -> None:
        hanging = self._hanging.pop(number, None)
        if hanging is not None:
            hanging.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await hanging

    async def _wake_later(self, number: int, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)  # the fault itself
        finally:
            if self.workers[number].is_running:
                self.workers[number].send(signal.SIGCONT)


async def bind_by_policy(address: KafkaAddress) -> None:
    """Put a policy and a rule over all agents into each partition's log, as its owner would."""
    terms = PolicyTerms(allowed_tools=("search",), daily_cost_cap=CostCap(Decimal(5), "USD"))
    policy = Policy("default", "faults", 1, terms, 1, "admin", 1, "admin")
    together = AlertRuleTerms(
        Metric.LOG_ERRORS, Rate(60), scope=Scope(ScopeKind.TOTAL), window_seconds=60, for_seconds=2
    )
    rule = AlertRule("default", "together", 1, together, 1, "admin", 1, "admin")
    rows = [
        ControlRow(topic, f"default/{name}", 1, msgspec.Raw(msgspec.json.encode(data)))
        for topic, name, data in ((Topic.POLICIES, "faults", policy), (Topic.ALERT_RULES, "together", rule))
    ]
    producer = RestartingProducer(address, client_id="test-faults")
    await producer.send_all(control_record(partition, rows) for partition in range(PARTITIONS))
    await producer.stop()


async def live(
    address: KafkaAddress, folder: Path, seed: int, steps: Life | None = None
) -> list[Verification]:
    """Live through a seed's schedule, or through `steps`, under load; what a verification finds then."""
    static, fates = steps or life(seed)
    crew = Crew(address, folder / f"seed-{seed}", static=static)
    try:
        async with loading(address, Fleet(f"lives-{seed}", agents=30, seed=seed)) as offsets:
            crew.workers[0].start()
            await crew.workers[0].ready()
            for step in fates:
                await crew.suffer(step)
        await crew.settle(offsets)
    finally:
        await crew.end()
    return [found async for found in verify(address, range(PARTITIONS))]


def assert_equal(found: Sequence[Verification], seed: int) -> None:
    """State bit for bit and events by id are those of a replay, which nothing disturbs."""
    assert [one.outcome for one in found] == [Outcome.EQUAL] * PARTITIONS, (seed, found)
    assert sum(one.states for one in found) >= 30, "the fleet has left states"
    assert sum(one.events for one in found) > 100, "there was something to compare"
