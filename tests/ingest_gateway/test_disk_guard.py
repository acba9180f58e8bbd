"""A log that is too full is said so before anything is taken, and taking goes on when there is room."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest_gateway.disk_guard import DiskGuard
from runtime.kafka_disk import DiskLimits, DiskUsage
from tests.ingest_gateway.harness import running, tag_of

MIB = 1024 * 1024
LIMITS = DiskLimits(cap_bytes=MIB, min_free_bytes=0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the guard tells nobody what it saw
            await asyncio.sleep(0.005)


async def test_reports_are_refused_while_the_log_is_over_its_cap(tmp_path: Path) -> None:
    guard = DiskGuard(tmp_path, LIMITS, every=0.01)
    async with running(disk=guard) as harness:
        assert (await harness.post()).status_code == 202
        taken = len(harness.sink.records)
        (tmp_path / "segment").write_bytes(os.urandom(2 * MIB))
        await until(lambda: guard.is_full)

        refused = await harness.post()
        assert (refused.status_code, tag_of(refused)) == (503, "log-full")
        assert int(refused.headers["retry-after"]) > 0
        assert len(harness.sink.records) == taken
        assert 'promethios_gateway_log_full{worker="3"} 1.0' in (await harness.client.get("/metrics")).text
        assert all(harness.gateway.checks.values())

        (tmp_path / "segment").unlink()
        await until(lambda: not guard.is_full)
        assert (await harness.post()).status_code == 202


async def test_a_disk_that_is_nearly_full_refuses_too(tmp_path: Path) -> None:
    guard = DiskGuard(tmp_path, DiskLimits(cap_bytes=MIB, min_free_bytes=2**60), every=0.01)
    async with running(disk=guard) as harness:
        await until(lambda: guard.is_full)
        assert tag_of(await harness.post()) == "log-full"


async def test_what_was_seen_last_holds_while_nothing_can_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: Iterator[DiskUsage | OSError] = iter(
        [DiskUsage(2 * MIB, MIB), PermissionError("not yours"), DiskUsage(0, MIB)]
    )
    seen: list[bool] = []

    def measure(_: Path) -> DiskUsage:
        seen.append(guard.is_full)
        found = next(looks, DiskUsage(0, MIB))
        if isinstance(found, OSError):
            raise found
        return found

    monkeypatch.setattr("ingest_gateway.disk_guard.measure", measure)
    guard = DiskGuard(tmp_path, LIMITS, every=0.001)
    looking = asyncio.create_task(guard.run())
    await until(lambda: len(seen) >= 4)
    looking.cancel()
    assert seen[:4] == [False, True, True, False]
