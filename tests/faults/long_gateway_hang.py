"""A gateway worker that hangs and wakes beside one that works: what was repeated meanwhile is stored once.

Run by `make faults-long`.
"""

import asyncio
from pathlib import Path

import psutil
import pytest

from tests.embedded_broker import EmbeddedBroker
from tests.faults.fleet import Fleet
from tests.faults.kafka_outage import accepted, assert_accepted_is_stored, gateway
from tests.integration.gateway_process import create_reporters

pytestmark = [pytest.mark.fault, pytest.mark.integration]

AGENTS = 12
# Agents give a request up after five seconds; then they send far more than sixteen batches before it wakes.
HUNG_SECONDS = 8.0
ROUNDS = 4


@pytest.mark.timeout(240)
async def test_a_worker_that_wakes_stores_nothing_anew(victim: EmbeddedBroker, tmp_path: Path) -> None:
    reporters, known = await create_reporters(victim.address, *(f"hang-{n}" for n in range(AGENTS)))
    async with gateway(victim.address, tmp_path) as workers:
        for worker in workers:
            await worker.ready(knows_keys=known)
        keys = {reporter.agent_id: reporter.token for reporter in reporters}
        fleet = Fleet(workers[0].base_url, keys, events=1, pause_seconds=0, try_seconds=5)
        running = asyncio.create_task(fleet.run())
        for number in range(ROUNDS):
            await accepted(fleet, running, 1000)
            hanging = psutil.Process(workers[number % len(workers)].pid)
            hanging.suspend()
            await asyncio.sleep(HUNG_SECONDS)
            hanging.resume()
            await accepted(fleet, running, 1000)
        fleet.stop()
        await running
    assert fleet.hangs > 0, "no request was caught"
    assert fleet.unanswered == 0
    await assert_accepted_is_stored(victim.address, fleet)
