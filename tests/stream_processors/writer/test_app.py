"""The process waits for what it needs, and says so on its health address."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime import kafka
from runtime.control_log import ControlReader
from schemas.topics import TOPICS
from stream_processors.writer import app
from stream_processors.writer.app import Writer
from stream_processors.writer.insert import Inserter
from stream_processors.writer.tables import NEEDED
from tests.stream_processors.writer.fakes import World, eventually, settings


class FakeAdmin:
    """Knows no topics at first."""

    asked = 0

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def list_topics(self) -> list[str]:
        FakeAdmin.asked += 1
        return list(TOPICS) if FakeAdmin.asked > 1 else []


class FakeConsumer(World):
    """Never gets a partition; `following` are the tasks that read control records."""

    following: list[asyncio.Task[None]]
    stopped = False
    asked = False

    async def start(self) -> None: ...

    async def stop(self) -> None:
        self.stopped = True

    def subscribe(self, *_: object, **__: object) -> None: ...

    async def getmany(self, **_: object) -> dict[str, Any]:
        self.asked = True
        await asyncio.sleep(0.01)
        return {}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> FakeConsumer:
    """A writer's surroundings: tables at once, topics when they are asked for again, control records read."""
    world = FakeConsumer()
    world.following = []

    async def columns(_: Inserter, table: str) -> frozenset[str]:
        return NEEDED[table]

    async def read_to_the_end(reader: ControlReader) -> None:
        reader._task = asyncio.create_task(asyncio.sleep(3_600))
        world.following.append(reader._task)

    def fake_admin(*_: object, **__: object) -> FakeAdmin:
        return FakeAdmin()

    def fake_consumer(*_: object, **options: object) -> FakeConsumer:
        assert options.get("group_instance_id", "writer-1") == "writer-1"
        return world

    monkeypatch.setattr(Inserter, "columns", columns)
    monkeypatch.setattr(kafka, "admin", fake_admin)
    monkeypatch.setattr(kafka, "consumer", fake_consumer)
    monkeypatch.setattr(app, "_LONGEST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(app, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(ControlReader, "start", read_to_the_end)
    FakeAdmin.asked = 0
    return world


async def test_it_waits_for_topics_runs_and_leaves_cleanly(tmp_path: Path, world: FakeConsumer) -> None:
    running = asyncio.create_task(Writer(settings(run_dir=tmp_path, writer_instance="writer-1")).run())
    address = tmp_path / "writer.health"
    await eventually(lambda: FakeAdmin.asked > 1 and address.exists())
    async with httpx.AsyncClient() as client:
        ready = await client.get(address.read_text() + "/readyz")

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert ready.status_code == 503
    checks = ready.json()["checks"]
    assert checks == {"clickhouse": False, "kafka": False, "freshness": True, "dead_letters": True}
    assert world.stopped
    assert not address.exists()


async def test_it_ends_when_control_records_are_followed_no_more(tmp_path: Path, world: FakeConsumer) -> None:
    """What is erased from then on would go unnoticed; the supervisor starts it again."""
    running = asyncio.create_task(Writer(settings(run_dir=tmp_path, writer_instance="writer-1")).run())
    await eventually(lambda: world.asked)
    assert not running.done()
    [following] = world.following
    following.cancel()

    with pytest.raises(app.ControlLostError):
        async with asyncio.timeout(60):
            await running
    assert world.stopped
