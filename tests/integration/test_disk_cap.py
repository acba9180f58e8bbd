"""A log at its cap refuses what it cannot hold, gives room once all is stored, and loses nothing."""

import asyncio
import hashlib
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from aiokafka import TopicPartition

from infra.embedded.kafka.settings import log_dir_of
from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.kafka_disk import measure
from runtime.settings import KafkaAddress
from schemas.tables import DATABASE, Table
from schemas.topics import TOPICS, Topic
from tests.embedded_broker import EmbeddedBroker
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.gateway_process import LOGS, GatewayProcess, Reporter, create_reporters
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS
from tests.integration.worker_process import WorkerProcess
from tests.integration.writer_process import WriterProcess
from tests.ports import unused

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

MIB = 1024 * 1024
CAP = 24 * MIB
EVENTS = 5
MESSAGE_BYTES = 60_000


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedBroker]:
    """A small broker, and what processes are told of its log."""
    for name, value in (("segment.bytes", str(2 * MIB)), ("file.delete.delay.ms", "100")):
        monkeypatch.setitem(TOPICS[Topic.TELEMETRY].config, name, value)
    monkeypatch.setenv("PROMETHIOS_KAFKA_LOG_DIR", str(log_dir_of(tmp_path / "kafka")))
    monkeypatch.setenv("PROMETHIOS_KAFKA_DISK_CAP_BYTES", str(CAP))
    monkeypatch.setenv("PROMETHIOS_KAFKA_MIN_FREE_BYTES", "0")
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def clickhouse(tmp_path: Path, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    (tmp_path / "clickhouse").mkdir()
    clickhouse = EmbeddedClickHouse(tmp_path / "clickhouse").with_data(migrated_data).start()
    yield clickhouse
    clickhouse.stop()


class Site:
    """All processes around one small broker, and who reports to it."""

    def __init__(self, address: KafkaAddress, clickhouse: EmbeddedClickHouse, folder: Path) -> None:
        self.log_dir = log_dir_of(folder / "kafka")
        self.address = address
        self.clickhouse = clickhouse
        self.gateway = GatewayProcess(address, unused(), folder)
        self.writer = WriterProcess(address, clickhouse, folder, instance="writer")
        self.worker = WorkerProcess(address, folder, instance="worker")
        self.reporters: list[Reporter] = []
        self.accepted: list[tuple[Reporter, str]] = []

    async def start(self) -> None:
        """All but the writer."""
        self.worker.start()
        self.gateway.start()
        self.reporters, offset = await create_reporters(self.address, *(f"agent-{n}" for n in range(8)))
        await self.gateway.ready(knows_keys=offset)
        await self.worker.ready()

    def kill(self) -> None:
        self.writer.kill()
        self.worker.kill()
        self.gateway.end(signal.SIGKILL)

    async def report(
        self, client: httpx.AsyncClient, reporter: Reporter, key: str | None = None
    ) -> httpx.Response:
        """Send a few large entries that do not compress, each request under a key of its own."""
        fresh = key is None
        key = key or secrets.token_hex(8)
        event = {"agentId": reporter.agent_id, "level": "info"}
        body = msgspec.json.encode(
            # Nothing that packs well, and the same again under the same key.
            [{**event, "message": _noise(f"{key} {number}")} for number in range(EVENTS)]
        )
        headers = {"Authorization": f"Bearer {reporter.token}", "Content-Type": "application/json"}
        answer = await client.post(LOGS, content=body, headers=headers | {"Idempotency-Key": key})
        if answer.status_code == 202 and fresh:
            self.accepted.append((reporter, key))
        return answer

    async def fill(self, client: httpx.AsyncClient) -> httpx.Response:
        """Report until the log is over its cap and the gateway says so; its refusal."""
        turn = 0
        while True:
            answer = await self.report(client, self.reporters[turn % len(self.reporters)])
            if answer.status_code != 202:
                return answer
            turn += 1
            if measure(self.log_dir).used > CAP:
                await asyncio.sleep(0.1)
            assert turn < 2000, "the gateway never refused"

    async def stored(self, events: int) -> None:
        """Wait for so many rows, and see that no more come with them."""

        async def enough() -> bool:
            assert self.writer.is_running, self.writer.log
            return self.count() >= events

        await until(f"{events} rows", enough)
        assert self.count() == events

    def count(self) -> int:
        return int(self.clickhouse.query(f"SELECT count() FROM {Table.AGENT_LOGS}", database=DATABASE))  # noqa: S608 - our constant


def _noise(seed: str) -> str:
    return hashlib.shake_256(seed.encode()).hexdigest(MESSAGE_BYTES // 2)


async def log_starts(address: KafkaAddress) -> dict[int, int]:
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    try:
        found = await consumer.beginning_offsets(
            [TopicPartition(Topic.TELEMETRY, p) for p in range(PARTITIONS)]
        )
    finally:
        await consumer.stop()
    return {tp.partition: offset for tp, offset in found.items()}


@pytest.fixture
async def site(broker: EmbeddedBroker, clickhouse: EmbeddedClickHouse, tmp_path: Path) -> AsyncIterator[Site]:
    address = broker.address
    await ensure_topics(address, PARTITIONS)
    site = Site(address, clickhouse, tmp_path)
    await site.start()
    yield site
    site.kill()


async def test_a_full_log_refuses_is_cleared_and_nothing_is_lost(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.gateway.base_url, timeout=60) as client:
        refused = await site.fill(client)
        assert (refused.status_code, refused.json()["tag"]) == (503, "log-full"), refused.text
        assert int(refused.headers["Retry-After"]) > 0
        assert set((await log_starts(site.address)).values()) == {0}

        site.writer.start()

        async def taken_again() -> bool:
            assert site.writer.is_running, site.writer.log
            return (await site.report(client, site.reporters[0])).status_code == 202

        await until("reports are taken again", taken_again)
        assert any((await log_starts(site.address)).values())
        await site.stored(EVENTS * len(site.accepted))

        # Both replay from what the log still has: state, rings and commits fit it.
        site.writer.kill()
        site.worker.kill()
        site.writer.start()
        site.worker.start()
        await site.writer.ready()
        await site.worker.ready()
        for reporter, key in site.accepted[-len(site.reporters) :]:
            assert (await site.report(client, reporter, key)).status_code == 202
        assert (await site.report(client, site.reporters[1])).status_code == 202
        await site.stored(EVENTS * len(site.accepted))
