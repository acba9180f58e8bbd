"""Gateway processes on a real broker: from the request to the record, and through a kill."""

import asyncio
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest
from aiokafka import TopicPartition

from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress, parse_kafka_url
from schemas.block import Block, Kind, decode_block
from schemas.identity import AgentRef, partition_of
from schemas.topics import DEFAULT_PARTITIONS, Topic
from tests.embedded_broker import EmbeddedBroker
from tests.integration.gateway_process import LOGS, GatewayProcess, Reporter, create_reporters
from tests.integration.stream_process import until
from tests.ports import unused

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker of this module's own, because its log is read as a whole here."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"))
    broker.start()
    asyncio.run(ensure_topics(broker.address, DEFAULT_PARTITIONS))
    yield broker
    broker.stop()


@pytest.fixture
def address(broker: EmbeddedBroker) -> KafkaAddress:
    return broker.address


@pytest.fixture
def gateway(address: KafkaAddress, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(address, unused(), tmp_path)
    process.start()
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture
async def client(gateway: GatewayProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.base_url, timeout=60) as client:
        yield client


async def blocks(address: KafkaAddress) -> list[tuple[int, Block]]:
    """Everything on the telemetry topic, with its partition."""
    places = [TopicPartition(Topic.TELEMETRY, number) for number in range(DEFAULT_PARTITIONS)]
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    found = []
    for place, end in (await consumer.end_offsets(places)).items():
        while await consumer.position(place) < end:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [(r.partition, decode_block(r.headers, r.value)) for r in batch]
    await consumer.stop()
    return found


async def messages_of(address: KafkaAddress, agent_id: str) -> list[str]:
    """The messages of an agent's log entries; a repeated batch counts once, as for all readers."""
    messages, seen = [], set()
    for _, block in await blocks(address):
        for segment, rows in block.rows_of_segments():
            if segment.agent_id == agent_id and segment.batch_id not in seen:
                seen.add(segment.batch_id)
                messages += [msgspec.json.decode(line)["message"] for line in bytes(rows).splitlines()]
    return messages


async def test_a_request_is_one_segment_on_the_partition_of_its_agent(
    gateway: GatewayProcess, client: httpx.AsyncClient, address: KafkaAddress
) -> None:
    (reporter,), known = await create_reporters(address, "whole-way")
    await gateway.ready(knows_keys=known)
    answer = await reporter.log(client, "hello", events=100)
    assert answer.status_code == 202, answer.text
    ((partition, block),) = [
        (p, b) for p, b in await blocks(address) if any(s.agent_id == "whole-way" for s in b.segments)
    ]
    assert partition == partition_of(AgentRef("default", "whole-way").key, DEFAULT_PARTITIONS)
    assert (block.kind, block.segments[0].lines) == (Kind.LOG, 100)
    assert block.segments[0].batch_id.hex() == answer.json()["batch_id"].replace("-", "")


async def test_workers_share_a_port_and_each_knows_new_keys(
    gateway: GatewayProcess, address: KafkaAddress, tmp_path: Path
) -> None:
    second = GatewayProcess(address, int(gateway.base_url.rpartition(":")[2]), tmp_path, worker=1)
    second.start()
    try:
        (reporter,), known = await create_reporters(address, "two-workers")
        await gateway.ready(knows_keys=known)
        await second.ready(knows_keys=known)
        assert "gateway" in " ".join(psutil.Process(second.pid).cmdline())
        accepted = re.compile(r'requests_total\{route="log",status="202",worker="(.)"\} (\S+)')
        counts: dict[str, str] = {}
        for sent in range(1, 41):
            async with httpx.AsyncClient(base_url=gateway.base_url, timeout=60) as fresh:
                assert (await reporter.log(fresh, "x")).status_code == 202

                async def all_are_counted(client: httpx.AsyncClient = fresh, sent: int = sent) -> bool:
                    # Whoever answers knows of both, unless the other is too busy to say.
                    counts.update(accepted.findall((await client.get("/metrics")).text))
                    return sum(map(float, counts.values())) == sent

                await until(f"{sent} requests in the metrics of both", all_are_counted)
        assert set(counts) == {"0", "1"}
    finally:
        assert second.stop() == 0


async def test_sigterm_answers_what_is_in_flight_and_exits_cleanly(
    gateway: GatewayProcess, client: httpx.AsyncClient, address: KafkaAddress
) -> None:
    (reporter,), known = await create_reporters(address, "in-flight")
    await gateway.ready(knows_keys=known)
    await reporter.log(client, "first")
    in_flight = [asyncio.create_task(reporter.log(client, f"m{n}")) for n in range(50)]
    # Then the others are under way, all but few.
    await asyncio.wait(in_flight, return_when=asyncio.FIRST_COMPLETED)
    started = time.monotonic()
    assert await asyncio.to_thread(gateway.stop) == 0, gateway.log
    assert time.monotonic() - started < 30
    answers = await asyncio.gather(*in_flight, return_exceptions=True)
    accepted = [a for a in answers if isinstance(a, httpx.Response) and a.status_code == 202]
    assert len(await messages_of(address, "in-flight")) >= len(accepted) + 1 > 1
    assert not gateway.socket.exists()


async def test_it_starts_before_the_broker(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path)
    gateway = GatewayProcess(broker.address, unused(), tmp_path)
    gateway.start()
    try:
        deadline = time.monotonic() + 120
        while (answer := await gateway.readiness()) is None:
            assert time.monotonic() < deadline, gateway.log
            await asyncio.sleep(0.05)
        assert answer.status_code == 503
        await asyncio.to_thread(broker.start)
        await ensure_topics(broker.address, DEFAULT_PARTITIONS)
        await gateway.ready()
        assert await asyncio.to_thread(gateway.stop) == 0
    finally:
        gateway.end(signal.SIGKILL)
        broker.stop()


async def repeating(
    gateway: GatewayProcess, reporter: Reporter, until: asyncio.Event, answers: list[tuple[float, int]]
) -> list[str]:
    """Send keyed messages one after the other, each until it is accepted; return those accepted."""
    accepted: list[str] = []
    async with httpx.AsyncClient(base_url=gateway.base_url, timeout=10) as client:
        while not until.is_set():
            message = f"m{len(accepted)}"
            started = time.monotonic()
            try:
                answer = await reporter.log(client, message, key=message)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            answers.append((time.monotonic() - started, answer.status_code))
            if answer.status_code == 202:
                accepted.append(message)
            else:
                assert answer.headers["retry-after"] == "1"
                await asyncio.sleep(0.1)
    return accepted


async def test_hostile_bodies_are_answered_or_dropped_and_harm_nobody(
    gateway: GatewayProcess, client: httpx.AsyncClient, address: KafkaAddress
) -> None:
    (reporter,), known = await create_reporters(address, "hostile")
    await gateway.ready(knows_keys=known)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 65_536

    headers = {"Authorization": f"Bearer {reporter.token}", "Content-Type": "application/json"}
    answer = await client.post(LOGS, content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["tag"]) == (413, "body-too-large")

    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.base_url.rpartition(":")[2]))
    head = f"POST {LOGS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {reporter.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode())
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert (await reporter.log(client, "still served")).status_code == 202
    assert await messages_of(address, "hostile") == ["still served"]


@pytest.mark.fault
async def test_a_kill_under_load_loses_and_doubles_nothing(
    gateway: GatewayProcess, address: KafkaAddress
) -> None:
    reporters, known = await create_reporters(address, *(f"gateway-killed-{n}" for n in range(6)))
    await gateway.ready(knows_keys=known)
    finished, answers = asyncio.Event(), list[tuple[float, int]]()
    load = [asyncio.create_task(repeating(gateway, r, finished, answers)) for r in reporters]
    await asyncio.sleep(1)
    gateway.end(signal.SIGKILL)
    gateway.start()
    before = len(answers)
    deadline = time.monotonic() + 120
    while Counter(status for _, status in answers[before:])[202] < 100:
        assert time.monotonic() < deadline, gateway.log[-5000:]
        await asyncio.sleep(0.1)
    finished.set()
    for reporter, accepted in zip(reporters, await asyncio.gather(*load), strict=True):
        stored = await messages_of(address, reporter.agent_id)
        assert Counter(stored)[accepted[-1]] == 1
        # The last message may have been stored without its answer; all others are there once.
        assert stored[: len(accepted)] == accepted
        assert len(stored) <= len(accepted) + 1
    assert {status for _, status in answers} <= {202, 503}
    assert max(seconds for seconds, _ in answers) < 9


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        gateway = GatewayProcess(
            parse_kafka_url("kafka+sasl_plaintext://u:p@127.0.0.1:1"), other.getsockname()[1], tmp_path
        )
        gateway.start()
        assert gateway.exit_code(120) != 0
        assert gateway.log.count("\n") == 1
        assert "PROMETHIOS_GATEWAY_PORT" in gateway.log
