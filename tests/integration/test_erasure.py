"""Erasures on real parts: rows are gone, stay gone when the tables are made anew, and nobody else's go."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from infra.clickhouse.migrate import migrate
from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress, parse_clickhouse_url
from schemas.block import Kind, Segment, encode_headers
from schemas.derived import DerivedEvent, TrustLevel, TrustScore, TrustStatus, encode_event
from schemas.identity import AgentRef, partition_of
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, EVENT_TABLES, Table
from schemas.topics import WRITER_GROUP, Topic
from tests.embedded_broker import EmbeddedBroker
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, Block, send
from tests.integration.writer_process import WriterProcess, clickhouse_url
from tests.query_api.api_process import TENANT_ADMIN, QueryApiProcess, put_operators

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

GONE, KEPT, OTHERS = AgentRef("default", "gone"), AgentRef("default", "kept"), AgentRef("acme", "gone")
SECRET = "bob@example.com"
SAID = ("Bob@Example.COM called", {"who": [{SECRET: SECRET}], "n": 1.5})


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker of the test's own, because it forgets what its writer has stored."""
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def clickhouse(tmp_path: Path, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """With all tables."""
    (tmp_path / "clickhouse").mkdir()
    front = EmbeddedClickHouse(tmp_path / "clickhouse").with_data(migrated_data).start()
    yield front
    front.stop()


def logs(ref: AgentRef, *texts: tuple[str, Any]) -> Block:
    rows = [LogRow(LogLevel.INFO, message, context) for message, context in texts]
    received_at, batch_id = time.time_ns() // 1_000_000, uuid.uuid4().bytes
    value = encode_rows(row_prefix(ref.tenant_id, ref.agent_id, received_at, batch_id), list(rows))
    segment = Segment(ref.tenant_id, ref.agent_id, batch_id, False, len(rows), len(value), received_at)
    return Block(partition_of(ref.key, PARTITIONS), encode_headers(Kind.LOG, [segment]), value)


async def publish_score(address: KafkaAddress, ref: AgentRef) -> None:
    score = TrustScore(
        *ref, 87.5, TrustLevel.GOOD, TrustStatus.ACTIVE, 0.9, 80, 95, "2026-01-31T12:00:00Z", [], []
    )
    event = DerivedEvent(str(uuid.uuid4()), ref.key, time.time_ns() // 1_000_000, score)
    record = encode_event(event)
    producer = kafka.producer(address, client_id="test")
    await producer.start()
    await producer.send_and_wait(record.topic, record.value, key=record.key, headers=record.headers)
    await producer.stop()


def rows_of(clickhouse: EmbeddedClickHouse, sql: str) -> list[dict[str, str]]:
    found = clickhouse.query(f"{sql} FORMAT JSONEachRow")
    return [orjson.loads(line) for line in found.splitlines()]


def agents_in(clickhouse: EmbeddedClickHouse, table: Table) -> set[tuple[str, str]]:
    rows = rows_of(clickhouse, f"SELECT DISTINCT tenant_id, agent_id FROM {DATABASE}.{table}")  # noqa: S608 - ours
    return {(row["tenant_id"], row["agent_id"]) for row in rows}


def texts_of(clickhouse: EmbeddedClickHouse, ref: AgentRef) -> set[tuple[str, str]]:
    rows = rows_of(clickhouse, f"SELECT * FROM {DATABASE}.{Table.AGENT_LOGS}")  # noqa: S608 - ours
    return {(r["message"], r["context"]) for r in rows if (r["tenant_id"], r["agent_id"]) == ref}


async def make_tables_anew(
    broker: EmbeddedBroker, clickhouse: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    """What docs/privacy.md says: stop the writer, forget how far it was, drop the tables, start it."""
    await writer.stop()
    tables = rows_of(clickhouse, "SELECT name FROM system.tables WHERE database = currentDatabase()")
    for table in tables:
        clickhouse.query(f"DROP TABLE {DATABASE}.`{table['name']}`")
    migrate(parse_clickhouse_url(clickhouse_url(clickhouse.port)))
    admin = kafka.admin(broker.address, client_id="test")
    await admin.start()
    await admin.delete_topics([Topic.WRITER_STATE.value])

    async def is_gone() -> bool:
        return Topic.WRITER_STATE not in await admin.list_topics()

    await until("the state topic is gone", is_gone)
    await admin.close()
    await ensure_topics(broker.address, PARTITIONS)
    consumer = kafka.consumer(broker.address, client_id="test", group_id=WRITER_GROUP)
    await consumer.start()
    places = [
        TopicPartition(topic, number)
        for topic in (Topic.TELEMETRY, *EVENT_TABLES)
        for number in range(PARTITIONS)
    ]
    consumer.assign(places)

    async def is_set_back() -> bool:
        # A member that is known by its name is one for some seconds after it has stopped.
        try:
            await consumer.commit(dict.fromkeys(places, 0))
        except KafkaError:
            return False
        return True

    await until("the group is set back", is_set_back)
    await consumer.stop()
    writer.start()


async def finished(query_api: QueryApiProcess, asked: dict[str, Any]) -> dict[str, Any]:
    """The report of an erasure, once it is done."""
    with query_api.client() as client:
        path = f"/api/v1/erasures/{asked['erasure_id']}"

        async def is_done() -> bool:
            return bool(client.get(path).json()["state"] == "done")

        await until("the erasure is done", is_done)
        report: dict[str, Any] = client.get(path).json()
    return report


async def report_agents(address: KafkaAddress, clickhouse: EmbeddedClickHouse) -> None:
    """Three agents have logs, two have scores."""
    await send(address, [logs(ref, SAID, ("harmless", None)) for ref in (GONE, KEPT, OTHERS)])
    for ref in (GONE, KEPT):
        await publish_score(address, ref)

    async def all_are_there() -> bool:
        return agents_in(clickhouse, Table.AGENT_LOGS) == {GONE, KEPT, OTHERS} and agents_in(
            clickhouse, Table.TRUST_SCORES
        ) == {GONE, KEPT}

    await until("rows of all three", all_are_there)


async def erase_agent_while_the_writer_is_away(query_api: QueryApiProcess) -> dict[str, Any]:
    """Ask for it, and see that the job waits and the agent is none any more; what was asked."""
    with query_api.client() as client:
        asked: dict[str, Any] = client.post("/api/v1/erasures", json={"agent_id": "gone"}).json()
        assert client.post("/api/v1/erasures", json={"agent_id": "gone"}).status_code == 409
        path = f"/api/v1/erasures/{asked['erasure_id']}"

        async def is_waiting() -> bool:
            return "writer" in client.get(path).json()["waits_for"]

        await until("it waits for the writer", is_waiting)
        assert client.get("/api/v1/agents/gone").status_code == 404
        assert client.post("/api/v1/agents", json={"agent_id": "gone"}).status_code == 409
    return asked


def check_report(report: dict[str, Any]) -> None:
    found = {table["table"]: table["found"] for table in report["tables"]}
    assert found[Table.AGENT_LOGS] >= 2
    assert found[Table.TRUST_SCORES] == 1
    assert {table["left"] for table in report["tables"]} == {0}
    remains = {remainder["place"]: remainder["until"] for remainder in report["remains"]}
    assert remains[Topic.TELEMETRY] is not None
    assert remains[Topic.PROCESSOR_STATE] is None


def check_rows(clickhouse: EmbeddedClickHouse) -> None:
    assert agents_in(clickhouse, Table.AGENT_LOGS) == {KEPT, OTHERS}
    assert agents_in(clickhouse, Table.TRUST_SCORES) == {KEPT}
    assert texts_of(clickhouse, KEPT) == {
        ("[erased] called", '{"who":[{"[erased]":"[erased]"}],"n":1.5}'),
        ("harmless", ""),
    }
    assert SAID[0] in {message for message, _ in texts_of(clickhouse, OTHERS)}


async def live_again(
    query_api: QueryApiProcess, address: KafkaAddress, clickhouse: EmbeddedClickHouse
) -> None:
    """The id is free: what is sent under it from now on is another agent's."""
    with query_api.client() as client:
        assert client.post("/api/v1/agents", json={"agent_id": "gone"}).status_code == 201
    await send(address, [logs(GONE, ("a new life", None))])

    async def lives() -> bool:
        return texts_of(clickhouse, GONE) == {("a new life", "")}

    await until("rows of the new agent", lives)


async def test_what_is_erased_is_gone_and_does_not_come_back(
    broker: EmbeddedBroker, clickhouse: EmbeddedClickHouse, tmp_path: Path
) -> None:
    await ensure_topics(broker.address, PARTITIONS)
    await put_operators(broker.address)
    writer = WriterProcess(broker.address, clickhouse, tmp_path, instance="writer")
    query_api = QueryApiProcess(tmp_path, broker.address, clickhouse_url(clickhouse.port)).start()
    try:
        writer.start()
        with query_api.client() as client:
            for ref in (GONE, KEPT):
                assert client.post("/api/v1/agents", json={"agent_id": ref.agent_id}).status_code == 201
        await report_agents(broker.address, clickhouse)

        # Killed while it waits for the writer, the job goes on where it was.
        await writer.stop()
        await send(broker.address, [logs(GONE, ("on its way", None))])
        agent = await erase_agent_while_the_writer_is_away(query_api)
        query_api.kill()
        query_api.start()
        writer.start()
        check_report(await finished(query_api, agent))

        with query_api.client() as client:
            value = client.post("/api/v1/erasures", json={"value": SECRET, "mode": "anonymise"}).json()
        assert SECRET not in str(value)
        assert (await finished(query_api, value))["value_characters"] == len(SECRET)
        check_rows(clickhouse)
        with query_api.client(TENANT_ADMIN) as client:
            assert client.get("/api/v1/erasures").json() == {"erasures": []}
            assert client.get(f"/api/v1/erasures/{agent['erasure_id']}").status_code == 404

        await make_tables_anew(broker, clickhouse, writer)

        async def is_rebuilt() -> bool:
            logged = agents_in(clickhouse, Table.AGENT_LOGS)
            return {KEPT, OTHERS} <= logged and KEPT in agents_in(clickhouse, Table.TRUST_SCORES)

        await until("the tables are full again", is_rebuilt)
        check_rows(clickhouse)
        await live_again(query_api, broker.address, clickhouse)
    finally:
        writer.kill()
        assert query_api.stop() == 0, query_api.log
