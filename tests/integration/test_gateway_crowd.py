"""A good agent beside a crowd of idle and slow connections: served all the time, and the crowd ends.

`make crowd` runs it with 10,000 idle connections and 200 slow ones.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from runtime.settings import KafkaAddress
from tests.integration.crowd import Crowd
from tests.integration.gateway_process import GatewayProcess, Reporter, serving_gateway

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

IDLE = int(os.environ.get("PROMETHIOS_CROWD_IDLE", "300"))
SLOW = int(os.environ.get("PROMETHIOS_CROWD_SLOW", "40"))
# The crowd takes its time to come, and none of it may be gone before all are there.
IDLE_SECONDS = 10 + IDLE / 250
# An answer is a hang beyond that; how long it took is printed.
HANG_SECONDS = 60.0
_KIB = 1024


@pytest.fixture
async def gateway(
    kafka_address: KafkaAddress, tmp_path: Path
) -> AsyncIterator[tuple[GatewayProcess, Reporter]]:
    short = {"gateway_idle_seconds": str(IDLE_SECONDS), "gateway_head_seconds": "1"}
    serving = await asyncio.to_thread(serving_gateway, kafka_address, tmp_path, "crowded", **short)
    yield await asyncio.to_thread(serving.__enter__)
    await asyncio.to_thread(serving.__exit__, None, None, None)


async def reporting(process: GatewayProcess, reporter: Reporter, until: asyncio.Event) -> list[float]:
    """How long each answer took; all of them are 202."""
    took = []
    async with httpx.AsyncClient(base_url=process.base_url, timeout=2 * HANG_SECONDS) as client:
        while not until.is_set():
            started = time.perf_counter()
            answer = await reporter.log(client, "good")
            took.append(time.perf_counter() - started)
            assert answer.status_code == 202, answer.text
            await asyncio.sleep(0.01)
    return took


async def connections(process: GatewayProcess) -> int:
    async with httpx.AsyncClient(base_url=process.base_url, timeout=2 * HANG_SECONDS) as client:
        assert (await client.get("/healthz")).status_code == 200
        text = (await client.get("/metrics")).text
    (count,) = re.findall(r"^promethios_gateway_connections\{.*\} (\S+)$", text, re.MULTILINE)
    return int(float(count))


async def test_a_good_agent_is_served_beside_a_crowd(gateway: tuple[GatewayProcess, Reporter]) -> None:
    process, reporter = gateway
    memory = psutil.Process(process.pid).memory_info
    before = memory().rss
    crowd, over = Crowd(process.port, idle=IDLE, slow=SLOW), asyncio.Event()
    await crowd.gather()
    good = asyncio.create_task(reporting(process, reporter, over))
    try:
        assert await connections(process) >= IDLE
        grown = memory().rss - before
        assert grown < 32 * 1024 * _KIB + 32 * _KIB * (IDLE + SLOW)
        await crowd.idle_end()
        # Those that are slow come again and again, so that some are always there.
        while crowd.cut_off < 2 * SLOW:  # noqa: ASYNC110 - it is counted by others
            await asyncio.sleep(0.1)
        assert await connections(process) <= SLOW + 20
    finally:
        over.set()
        await crowd.leave()
    took = sorted(await good)
    sys.stdout.write(
        f"\n{IDLE} idle, {SLOW} slow: {grown // _KIB // (IDLE + SLOW)} KiB each; {len(took)} answers, "
        f"p50 {took[len(took) // 2]:.3f} s, p99 {took[int(len(took) * 0.99)]:.3f} s, max {took[-1]:.3f} s\n"
    )
    assert took[-1] < HANG_SECONDS
    assert crowd.answers == {b"HTTP/1.1 408 Request Timeout"}
