"""A steady load: how long it takes from a report to the alert, and what a worker spends on it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.gateway.servers import cpu_seconds
from benchmarks.processors.contenders import Worker
from benchmarks.processors.fleet import Fleet, Shape
from benchmarks.statistics import percentile
from runtime import kafka
from runtime.restarting_producer import RestartingProducer
from runtime.settings import KafkaAddress
from schemas.alert_rules import Metric
from schemas.derived import Alert, AlertState, decode_event
from schemas.topics import Topic

# What a gateway makes of requests of ten events that come at once.
LIVE_SHAPE = Shape(10, 10)
_PERIOD = 0.02
# As agents have it that are told nothing else.
_HEARTBEAT_SECONDS = 60.0
ALERTS_A_SECOND = 10
_AFTER_SECONDS = 10.0
_CLIENT_ID = "bench-live"


class Load(NamedTuple):
    """Of how many agents, at how many events a second, for how many seconds, in blocks of what shape.

    So many agents from the one numbered `first` on have a critical violation, each once: an agent whose alert
    is open already would get none.
    """

    agents: int
    rate: float
    seconds: float
    first: int
    alerts: int
    shape: Shape = LIVE_SHAPE


@dataclass(frozen=True)
class Live:
    """One steady load: alert delays in seconds, alerts that never came, and CPU seconds of the worker."""

    load: Load
    seconds: float
    events: int
    delays: list[float]
    missing: int
    cpu: float

    @property
    def share(self) -> float:
        """Of one core."""
        return self.cpu / self.seconds

    def line(self) -> str:
        """The figures in a sentence."""
        p50, p99, most = (percentile(self.delays, share) for share in (0.5, 0.99, 1.0))
        return (
            f"{self.load.agents:,} agents, {self.events / self.seconds:,.0f} events/s, {self.load.shape}, "
            f"for {self.seconds:.0f} s: from the report to the alert on its topic "
            f"p50 {p50:.3f}, p99 {p99:.3f}, most {most:.3f} s "
            f"({len(self.delays)} alerts, {self.missing} missing); it takes {self.share:.0%} of a core"
        )


@dataclass
class AlertWatch:
    """When the alert of each agent's critical violation was first seen."""

    seen: dict[str, float] = field(default_factory=dict)

    def note(self, alert: Alert, now: float) -> None:
        """Take an alert that came just now; an agent may have others as well, of what else it reports."""
        if alert.state is AlertState.FIRING and alert.metric == Metric.CRITICAL_VIOLATIONS:
            self.seen.setdefault(alert.agent_id, now)

    async def run(self, consumer: AIOKafkaConsumer) -> None:
        """Take alerts until cancelled."""
        async for record in consumer:
            if record.value is None:
                # Somebody's last record is to go; it tells of no alert.
                continue
            event = decode_event(record.headers, record.key, record.value)
            if isinstance(event.data, Alert):
                self.note(event.data, time.time())

    async def wait_for(self, agents: Collection[str]) -> None:
        """Until all have an alert, or it is too late."""
        for _ in range(round(_AFTER_SECONDS / _PERIOD)):
            if set(agents) <= self.seen.keys():
                return
            await asyncio.sleep(_PERIOD)


async def measure(address: KafkaAddress, worker: Worker, fleet: Fleet, load: Load) -> Live:
    """Load a worker that is ready, with a critical violation now and then, always of another agent."""
    watch, producer = AlertWatch(), RestartingProducer(address, client_id=_CLIENT_ID)
    async with _at_the_end(address, fleet.partitions) as consumer:
        watching = asyncio.create_task(watch.run(consumer))
        before, begin = cpu_seconds([worker.process]), time.perf_counter()
        sent, events = await _feed(producer, fleet, load)
        took, cpu = time.perf_counter() - begin, cpu_seconds([worker.process]) - before
        await watch.wait_for(sent)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    await producer.stop()
    delays = [watch.seen[agent] - at for agent, at in sent.items() if agent in watch.seen]
    return Live(load, took, events, delays, len(sent) - len(delays), cpu)


@contextlib.asynccontextmanager
async def _at_the_end(address: KafkaAddress, partitions: Sequence[int]) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of the alerts that come from now on."""
    consumer = kafka.consumer(address, client_id=_CLIENT_ID)
    await consumer.start()
    try:
        targets = [TopicPartition(Topic.ALERTS, partition) for partition in partitions]
        consumer.assign(targets)
        await consumer.seek_to_end(*targets)
        for target in targets:
            await consumer.position(target)
        yield consumer
    finally:
        await consumer.stop()


async def _feed(producer: RestartingProducer, fleet: Fleet, load: Load) -> tuple[dict[str, float], int]:
    """Send at a fixed rate, whatever the answers take; when each violation was sent, and all events.

    Among them are the heartbeats by which all agents are known to be alive.
    """
    sent: dict[str, float] = {}
    events, beaten, under_way = 0, 0.0, set[asyncio.Task[list[int]]]()
    blocks = iter(fleet.blocks(load.shape, round(load.rate * load.seconds)))
    begin = time.perf_counter()
    while (elapsed := time.perf_counter() - begin) < load.seconds:
        due = elapsed / _HEARTBEAT_SECONDS
        some = list(fleet.heartbeats(beaten % 1, beaten % 1 + due - beaten))
        events, beaten = events + sum(made.events for made in some), due
        while events < load.rate * elapsed:
            made = next(blocks)
            events += made.events
            some.append(made)
        if len(sent) < load.alerts * elapsed / load.seconds:
            agent_id, made = fleet.critical(load.first + len(sent))
            sent[agent_id] = time.time()
            some.append(made)
        task = asyncio.create_task(producer.send_all([made.record for made in some]))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        await asyncio.sleep(_PERIOD)
    await asyncio.gather(*under_way)
    return sent, events
