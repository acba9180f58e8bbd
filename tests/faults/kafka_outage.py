"""Kafka gone while a fleet reports: what gateways answer meanwhile, what they hold, and what is stored."""

import asyncio
import math
import signal
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil
from aiokafka import TopicPartition

from ingest_gateway.limits import Limits
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.tables import Table
from schemas.topics import DEFAULT_PARTITIONS, Topic
from tests.embedded_broker import EmbeddedBroker
from tests.faults.fleet import Answer, Fleet
from tests.integration.gateway_process import GatewayProcess, create_reporters
from tests.integration.telemetry_feed import Block
from tests.integration.writer_oracle import Rows, expected_rows
from tests.ports import unused

AGENTS = 12
WORKERS = 2
EVENTS = 100
WARM_UP_EVENTS = 10_000
AFTER_EVENTS = 10_000
RECOVERY_SECONDS = 120.0
_TAGS = {"outcome-unknown", "kafka-unavailable"}
_TRIES = 5 * AGENTS
_MIB = 1024 * 1024


class Fault(StrEnum):
    """How Kafka goes."""

    KILL = "killed"
    HANG = "hung"


@dataclass
class Outage:
    """When Kafka was gone (monotonic), and the resident bytes of all gateways together meanwhile."""

    began: float = 0.0
    ended: float = 0.0
    resident: list[int] = field(default_factory=list)


async def assert_an_outage_harms_nothing(
    broker: EmbeddedBroker,
    fault: Fault,
    seconds: float,
    folder: Path,
    *,
    pace_seconds: float = 0.0,
    pause_seconds: float = 0.05,
) -> None:
    """Take Kafka from a gateway of two workers, under load, for so long; look at all that must hold.

    `pace_seconds` and `pause_seconds` are those of the fleet.
    """
    address = broker.address
    reporters, known = await create_reporters(address, *(f"{fault}-{seconds:g}-{n}" for n in range(AGENTS)))
    async with gateway(address, folder) as workers:
        for worker in workers:
            await worker.ready(knows_keys=known)
        fleet = Fleet(
            workers[0].base_url,
            {reporter.agent_id: reporter.token for reporter in reporters},
            events=EVENTS,
            pause_seconds=pause_seconds,
            pace_seconds=pace_seconds,
            give_up_seconds=seconds + 2 * RECOVERY_SECONDS,
        )
        outage = await _suffer(broker, workers, fleet, fault, seconds)
    _assert_answered_at_once(fleet, outage)
    _assert_memory_is_flat(outage)
    await assert_accepted_is_stored(address, fleet)


async def assert_accepted_is_stored(address: KafkaAddress, fleet: Fleet) -> None:
    """What any reader makes of the log is what the fleet was answered for, each row once."""
    answered: Rows = Counter(
        (Table.AGENT_LOGS, request.agent_id, request.batch_id, seq)
        for request in fleet.accepted
        for seq in range(request.events)
    )
    stored = await _rows_of_the_log(address, fleet)
    assert answered - stored == Counter(), "accepted, and not in the log"
    assert stored - answered == Counter(), "in the log twice, or never accepted"


def _assert_answered_at_once(fleet: Fleet, outage: Outage) -> None:
    """The first request of a partition waits for its acknowledgement, those after it for nothing."""
    assert (fleet.hangs, fleet.unanswered) == (0, 0), "requests without an answer, or given up"
    assert set(fleet.statuses) == {202, 503}, fleet.statuses
    refused = _refused(fleet, outage.began, outage.ended)
    # Not ready: after ten seconds without the control topics a revoked key might go unnoticed.
    tags = Counter(answer.tag for answer in refused)
    assert set(tags) - {"not-ready"} == _TAGS, tags
    assert len(refused) > _TRIES, "too few tries to say anything"
    typical = statistics.median(answer.seconds for answer in refused)
    assert typical < Limits().ack_seconds / 2, f"a refusal takes {typical:.3f} s"


def _refused(fleet: Fleet, began: float, ended: float = math.inf) -> list[Answer]:
    return [answer for answer in fleet.answers if answer.status == 503 and began < answer.at < ended]


def _is_seen(fleet: Fleet, began: float) -> bool:
    """Whether a fleet, which a busy machine makes slow, has been refused often enough, and in both ways."""
    refused = _refused(fleet, began)
    return len(refused) > _TRIES and {answer.tag for answer in refused} >= _TAGS


def _assert_memory_is_flat(outage: Outage) -> None:
    resident = [size / _MIB for size in outage.resident]
    assert max(resident) - resident[0] < 32, f"MiB of all workers: {resident}"
    assert resident[-1] - resident[len(resident) // 2] < 8, f"MiB of all workers: {resident}"


@asynccontextmanager
async def gateway(address: KafkaAddress, folder: Path) -> AsyncIterator[list[GatewayProcess]]:
    """Its workers, on one port."""
    port = unused()
    as_it_is = {"gateway_ack_seconds": str(Limits().ack_seconds)}
    workers = [GatewayProcess(address, port, folder, number, **as_it_is) for number in range(WORKERS)]
    try:
        for worker in workers:
            worker.start()
        yield workers
    finally:
        for worker in workers:
            worker.end(signal.SIGKILL)


async def _suffer(
    broker: EmbeddedBroker, workers: Sequence[GatewayProcess], fleet: Fleet, fault: Fault, seconds: float
) -> Outage:
    running = asyncio.create_task(fleet.run())
    await accepted(fleet, running, WARM_UP_EVENTS)
    processes = [psutil.Process(worker.pid) for worker in workers]
    outage = Outage(began=time.monotonic())
    if fault is Fault.KILL:
        await asyncio.to_thread(broker.kill)
    else:
        psutil.Process(broker.pid).suspend()
    latest = outage.began + seconds + RECOVERY_SECONDS
    while time.monotonic() < outage.began + seconds or not _is_seen(fleet, outage.began):
        assert time.monotonic() < latest, fleet.statuses
        outage.resident.append(sum(process.memory_info().rss for process in processes))
        await asyncio.sleep(0.25)
    if fault is Fault.KILL:
        await asyncio.to_thread(broker.start)
    else:
        psutil.Process(broker.pid).resume()
    outage.ended = time.monotonic()
    await accepted(fleet, running, AFTER_EVENTS)
    fleet.stop()
    await running
    return outage


async def accepted(fleet: Fleet, running: "asyncio.Task[None]", events: int) -> None:
    """Wait until the fleet was answered for so many more events."""
    wanted = fleet.accepted_events + events
    deadline = time.monotonic() + RECOVERY_SECONDS
    while fleet.accepted_events < wanted:
        if running.done():
            running.result()
        assert time.monotonic() < deadline, f"not within {RECOVERY_SECONDS} s: {events} more events accepted"
        await asyncio.sleep(0.1)


async def _rows_of_the_log(address: KafkaAddress, fleet: Fleet) -> Rows:
    """What any reader makes of the log for the fleet's agents: repeats left out."""
    places = [TopicPartition(Topic.TELEMETRY, number) for number in range(DEFAULT_PARTITIONS)]
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    blocks = []
    for place, end in (await consumer.end_offsets(places)).items():
        while await consumer.position(place) < end:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                blocks += [
                    (Block(r.partition, list(r.headers), r.value, r.timestamp), (r.partition, r.offset))
                    for r in batch
                ]
    await consumer.stop()
    rows = expected_rows(blocks)
    return Counter({row: copies for row, copies in rows.items() if row[1] in fleet.keys})
