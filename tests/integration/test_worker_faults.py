"""Killed or stopped under load: state and outputs stay those of a replay, and it comes back by itself."""

import asyncio
import signal
from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from tests.integration.telemetry_feed import Fleet, loading
from tests.integration.worker_oracle import assert_equals_replay
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]

SESSION_SECONDS = 10


async def test_sigkill_under_load(topics: KafkaAddress, worker: WorkerProcess) -> None:
    async with loading(topics, Fleet("sigkill", agents=20, seed=5)) as offsets:
        worker.start()
        await worker.ready()
        for pause in (0.3, 1.1):
            await asyncio.sleep(pause)  # another moment each time
            worker.kill()
            worker.start()
            await worker.ready()
    await worker.has_stored(offsets)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)


async def test_stopped_for_longer_than_its_session_and_woken(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    """The woken worker may find out by itself, or by a refused commit that ends it; both are safe."""
    async with loading(topics, Fleet("sigstop", agents=20, seed=6)) as offsets:
        worker.start()
        await worker.ready()
        await asyncio.sleep(1)  # so that a checkpoint is under way
        worker.send(signal.SIGSTOP)
        await asyncio.sleep(2 * SESSION_SECONDS)  # the fault itself
        worker.send(signal.SIGCONT)
        await asyncio.sleep(3)  # time to do harm
        await worker.has_stored(offsets, supervised=True)
    await worker.has_stored(offsets, supervised=True)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)


async def test_a_second_worker_takes_over_from_a_stopped_one(
    topics: KafkaAddress, worker: WorkerProcess, tmp_path: Path
) -> None:
    """The stale owner wakes while another owns its partitions: what it still writes counts for nothing."""
    (tmp_path / "second").mkdir()
    second = WorkerProcess(topics, tmp_path / "second")
    try:
        async with loading(topics, Fleet("takeover", agents=20, seed=7)) as offsets:
            worker.start()
            await worker.ready()
            await asyncio.sleep(1)  # so that a checkpoint is under way
            worker.send(signal.SIGSTOP)
            second.start()
            await second.ready()
            await asyncio.sleep(2)  # the second one absorbs and stores
            worker.send(signal.SIGCONT)
            await asyncio.sleep(3)  # time to do harm
            worker.kill()
        await second.has_stored(offsets)
        assert await second.stop() == 0
    finally:
        second.kill()
    await assert_equals_replay(topics)
