"""Becoming ready, losing what readiness needs, and stopping."""

import asyncio

import pytest

from ingest_gateway.gateway import Gateway
from ingest_gateway.limits import Limits
from ingest_gateway.metrics import GatewayMetrics
from runtime.problems import ProblemError
from tests.ingest_gateway.fakes import AGENT, NOW, TOKEN, MemoryControl, MemorySink, api_key, part
from tests.ingest_gateway.harness import LIMITS, running

ROW = b"{}\n"


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - states of the gateway have no event
            await asyncio.sleep(0.01)


async def test_it_waits_for_kafka_and_becomes_ready_by_itself() -> None:
    async with running(ready=False) as harness:
        assert harness.gateway.checks == {"kafka": False, "control": False}
        with pytest.raises(ProblemError):
            harness.gateway.intake()
        harness.sink.reachable = True
        await until(lambda: all(harness.gateway.checks.values()))
        harness.gateway.intake().keys.find(TOKEN.encode(), NOW)


async def test_kafka_being_late_shows_in_readiness_and_passes() -> None:
    async with running() as harness:
        harness.sink.hang()
        assert (await harness.post()).status_code == 503
        assert harness.gateway.checks == {"kafka": False, "control": True}
        harness.sink.flow()
        await until(lambda: harness.gateway.checks["kafka"])
        assert (await harness.post()).status_code == 202


async def test_keys_are_not_trusted_while_changes_would_go_unnoticed() -> None:
    controls = [MemoryControl(AGENT, api_key()), MemoryControl(AGENT, api_key(revoked_at=NOW))]
    made = iter(controls)
    gateway = Gateway(MemorySink(), lambda: next(made), LIMITS, GatewayMetrics(0))
    gateway.start()
    await until(lambda: gateway.checks["control"])
    controls[0].following = False
    await until(lambda: not gateway.checks["control"])
    with pytest.raises(ProblemError, match="not-ready"):
        gateway.intake()
    await until(lambda: gateway.checks["control"])
    with pytest.raises(ProblemError, match="revoked-key"):
        gateway.intake().keys.find(TOKEN.encode(), NOW)
    await gateway.stop()


async def test_nor_while_the_control_topics_are_silent() -> None:
    async with running() as harness:
        harness.control.silent_seconds = 10.1
        await until(lambda: not harness.gateway.checks["control"])
        assert (await harness.post()).status_code == 503
        harness.control.silent_seconds = 0.1
        await until(lambda: harness.gateway.checks["control"])
        assert (await harness.post()).status_code == 202


async def test_what_was_taken_before_the_stop_is_sent() -> None:
    sink = MemorySink()
    control = MemoryControl(AGENT, api_key())
    gateway = Gateway(sink, lambda: control, Limits(block_delay_seconds=3600), GatewayMetrics(0))
    gateway.start()
    await until(lambda: all(gateway.checks.values()))
    waiting = gateway.intake().coalescer.submit(0, [part(ROW)])
    await asyncio.sleep(0)
    await gateway.stop()
    await waiting
    assert len(sink.records) == 1


async def test_a_sink_that_hangs_does_not_hold_up_the_stop() -> None:
    async with running() as harness:
        harness.sink.hang()
        await harness.post()
        async with asyncio.timeout(60):
            await harness.gateway.stop()
        harness.sink.flow()
