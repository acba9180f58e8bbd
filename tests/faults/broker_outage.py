"""Kafka away from a worker: it goes on by itself when Kafka is back, started again at most."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from infra.kafka.topics import ensure_topics
from stream_processors.verification.verifying import verify
from tests.embedded_broker import EmbeddedBroker
from tests.faults.worker_lives import assert_equal
from tests.integration.telemetry_feed import PARTITIONS, Fleet, send
from tests.integration.worker_process import WorkerProcess

_SEED = 8


class Outlasted(NamedTuple):
    """How often the worker had to be started again, and what it held at most, in bytes."""

    restarts: int
    resident: int


async def outlast(folder: Path, seconds: float) -> Outlasted:
    """Take the broker from a worker for so long; at the end all is stored, as a replay has it."""
    broker = EmbeddedBroker(folder)
    broker.start()
    address = broker.address
    await ensure_topics(address, PARTITIONS)
    worker = WorkerProcess(address, folder)
    fleet = Fleet("outage", agents=30, seed=_SEED)
    try:
        worker.start()
        await worker.has_stored(await send(address, fleet.blocks(200)))
        # Some of these are not stored when it goes.
        offsets = await send(address, fleet.blocks(200))
        broker.kill()
        outlasted = await _supervise(worker, seconds)
        broker.start()
        offsets += await send(address, fleet.blocks(200))
        await worker.has_stored(offsets, supervised=True)
        assert await worker.stop() == 0
        assert_equal([found async for found in verify(address, range(PARTITIONS))], _SEED)
    finally:
        worker.kill()
        broker.stop()
    return outlasted


async def _supervise(worker: WorkerProcess, seconds: float) -> Outlasted:
    """Start it again when it ends, as the supervisor does, for so long."""
    restarts = resident = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not worker.is_running:
            worker.start()
            restarts += 1
        resident = max(resident, psutil.Process(worker.pid).memory_info().rss)
        await asyncio.sleep(1)  # the fault itself
    return Outlasted(restarts, resident)
