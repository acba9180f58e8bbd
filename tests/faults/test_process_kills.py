"""Each process killed or stopped under load: it comes back, and nothing accepted is lost or doubled."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest

from infra.supervisor.readiness import is_ready
from infra.supervisor.services import stack_services
from tests.faults.fleet import Fleet, reporting
from tests.faults.oracle import assert_stored_exactly_once, assert_trust_is_a_pure_replay
from tests.integration.stream_process import until
from tests.stack import RunningStack

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(480)]

SERVICES = {
    service.name: service for service in stack_services(kafka=True, clickhouse=True, gateway_workers=1)
}
AGENTS = 12
WARM_UP_EVENTS = 300
AFTER_EVENTS = 600


@asynccontextmanager
async def load(stack: RunningStack, prefix: str) -> AsyncIterator[Fleet]:
    """A fleet that has been accepted for a while before the body runs, and for a while after it."""
    keys = await asyncio.to_thread(stack.create_agents, [f"{prefix}-{number}" for number in range(AGENTS)])
    fleet = Fleet(stack.gateway, keys, pace_seconds=0.4)
    async with reporting(fleet, before=WARM_UP_EVENTS, after=AFTER_EVENTS):
        yield fleet


async def is_back(stack: RunningStack, service: str, old: int) -> None:
    """Wait for another process that does its work: one that runs need not listen yet."""

    async def replaced() -> bool:
        process = await asyncio.to_thread(stack.process, service)
        return process.pid not in {0, old} and process.state == "running"

    async def ready() -> bool:
        return await is_ready(SERVICES[service], stack.folder, stack.file)

    await until(f"{service} is restarted", replaced, 120)
    await until(f"{service} is ready", ready, 120)


@pytest.mark.parametrize("service", ["gateway", "writer", "processors", "clickhouse", "kafka"])
async def test_a_killed_process_comes_back_and_nothing_is_lost(stack: RunningStack, service: str) -> None:
    async with load(stack, f"kill-{service}") as fleet:
        old = stack.process(service).pid
        psutil.Process(old).kill()
        await is_back(stack, service, old)
    assert fleet.hangs == 0
    if service not in {"gateway", "kafka"}:
        assert set(fleet.statuses) == {202}, "the gateway must not notice"
    await assert_stored_exactly_once(stack, fleet)
    await assert_trust_is_a_pure_replay(stack)


@pytest.mark.parametrize("service", ["writer", "processors"])
async def test_a_process_that_hangs_and_wakes_does_no_harm(stack: RunningStack, service: str) -> None:
    async with load(stack, f"stop-{service}") as fleet:
        process = psutil.Process(stack.process(service).pid)
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(20)  # the fault itself: twice the session time-out
        process.send_signal(signal.SIGCONT)
    assert set(fleet.statuses) == {202}
    await assert_stored_exactly_once(stack, fleet)
    await assert_trust_is_a_pure_replay(stack)
