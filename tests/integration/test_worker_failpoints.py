"""Killed at each step of the checkpoint's protocol: successors come to the same state and outputs."""

import asyncio

import pytest

from runtime.settings import KafkaAddress
from stream_processors.checkpoint.store import AFTER_ACKNOWLEDGE, AFTER_OUTPUTS, AFTER_STATE, BEFORE_OUTPUTS
from tests.integration.telemetry_feed import Fleet, feeding, send
from tests.integration.worker_oracle import assert_equals_replay
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]

STEPS = (BEFORE_OUTPUTS, AFTER_OUTPUTS, AFTER_STATE, AFTER_ACKNOWLEDGE)


async def test_kills_at_each_step_change_nothing(topics: KafkaAddress, worker: WorkerProcess) -> None:
    fleet = Fleet("failpoints", agents=20, seed=1)
    offsets = await send(topics, fleet.blocks(200))
    for step in STEPS:
        # The fourth time, so that partitions stand at different places in the protocol.
        worker.start(failpoint=f"{step}:4")
        load = asyncio.create_task(_feed_on(topics, fleet))
        assert await worker.exit_code() == -9, (step, worker.log)
        offsets += await load
    worker.start()
    await worker.has_stored(offsets)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)


async def _feed_on(address: KafkaAddress, fleet: Fleet) -> list[tuple[int, int]]:
    offsets = []
    async with feeding(address) as telemetry:
        for _ in range(20):
            offsets += await telemetry.send(fleet.blocks(10))
            await asyncio.sleep(0.1)  # a load that goes on while the worker dies
    return offsets
