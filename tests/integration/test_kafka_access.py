"""Who may do what on a real broker, cell by cell: all that the registry says, and nothing else."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.conn import create_conn
from aiokafka.errors import TopicAuthorizationFailedError
from aiokafka.protocol.metadata import MetadataRequest
from pydantic import SecretStr

from infra.kafka.principals import ADMIN, ANONYMOUS, READER, SERVICE_USERS
from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import (
    CONTROL_TOPICS,
    DERIVED_TOPICS,
    GROUPS,
    PROCESSORS_GROUP,
    TOPICS,
    WEBHOOKS_GROUP,
    WRITER_GROUP,
    Service,
    Topic,
)
from tests.embedded_broker import EmbeddedBroker, as_service, as_user
from tests.kafka_probe import is_let_in, probing

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

INTERNAL_TOPICS = ("__consumer_offsets",)
THEIR_GROUP = "my-team"
ALL_USERS = (*SERVICE_USERS.values(), READER, ANONYMOUS)
OTHERS = (READER, ANONYMOUS)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker of this module's own, because everybody writes what they can wherever they can."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("access"))
    broker.start()
    asyncio.run(prepare(broker.address))
    yield broker
    broker.stop()


async def prepare(address: KafkaAddress) -> None:
    await ensure_topics(address, 1)
    async with probing(address) as admin:
        # So that Kafka's own topic of groups exists, and our groups in it.
        for group in (THEIR_GROUP, *(spec.group for spec in GROUPS)):
            assert await admin.commit(group, Topic.TELEMETRY)


def address_of(broker: EmbeddedBroker, user: str) -> KafkaAddress:
    return broker.anonymous if user == ANONYMOUS else as_user(broker.address, user)


def service_of(user: str) -> Service | None:
    return next((service for service, name in SERVICE_USERS.items() if name == user), None)


@pytest.mark.parametrize("user", ALL_USERS)
async def test_topics_are_written_and_read_by_whom_the_registry_names(
    broker: EmbeddedBroker, user: str
) -> None:
    service = service_of(user)
    wanted = dict.fromkeys(INTERNAL_TOPICS, (False, False))
    for topic, spec in TOPICS.items():
        if service is None:
            wanted[topic] = (False, topic in DERIVED_TOPICS)
        else:
            wanted[topic] = (service in spec.producers, service in spec.consumers)
    async with probing(address_of(broker, user)) as probe:
        found = {topic: (await probe.write(topic), await probe.read(topic)) for topic in wanted}
        seen = set(await probe.admin.list_topics())
        assert await probe.begin_to_produce() is any(write for write, _ in wanted.values())
    assert found == wanted
    assert seen == {topic for topic, cell in wanted.items() if any(cell)}


@pytest.mark.parametrize("user", ALL_USERS)
async def test_keys_and_operators_are_the_query_apis_alone(broker: EmbeddedBroker, user: str) -> None:
    """Said apart from the registry, because everything rests on it."""
    async with probing(address_of(broker, user)) as probe:
        writes = {topic for topic in CONTROL_TOPICS if await probe.write(topic)}
        reads = {topic for topic in CONTROL_TOPICS if await probe.read(topic)}
    assert writes == (set(CONTROL_TOPICS) if user == SERVICE_USERS[Service.QUERY] else set())
    assert (Topic.OPERATORS in reads) is (user == SERVICE_USERS[Service.QUERY])
    assert (Topic.API_KEYS in reads) is (user in {SERVICE_USERS[s] for s in (Service.QUERY, Service.GATEWAY)})
    if user in OTHERS:
        assert reads == set()


@pytest.mark.parametrize("user", ALL_USERS)
async def test_groups_are_joined_by_their_members(broker: EmbeddedBroker, user: str) -> None:
    member = {
        SERVICE_USERS[Service.WRITER]: WRITER_GROUP,
        SERVICE_USERS[Service.PROCESSORS]: PROCESSORS_GROUP,
        SERVICE_USERS[Service.WEBHOOKS]: WEBHOOKS_GROUP,
    }
    looks = {
        SERVICE_USERS[Service.WRITER]: {WRITER_GROUP, PROCESSORS_GROUP},
        SERVICE_USERS[Service.QUERY]: {WRITER_GROUP},
    }
    joined = {THEIR_GROUP} if user in OTHERS else {member[user]} if user in member else set()
    groups = (THEIR_GROUP, WRITER_GROUP, PROCESSORS_GROUP, WEBHOOKS_GROUP, "promethios.other")
    async with probing(address_of(broker, user)) as probe:
        readable = Topic.ALERTS if await probe.read(Topic.ALERTS) else Topic.TELEMETRY
        assert {group for group in groups if await probe.join(group)} == joined
        committed = {group for group in groups if await probe.commit(group, readable)}
        assert committed == joined
        assert {group for group in groups if await probe.look_at(group)} == looks.get(user, joined)
        assert not any([await probe.delete_group(group) for group in groups])


@pytest.mark.parametrize("user", ALL_USERS)
async def test_nobody_but_the_administrator_changes_the_broker(broker: EmbeddedBroker, user: str) -> None:
    async with probing(address_of(broker, user)) as probe:
        assert not await probe.create_topic("test-new")
        assert not await probe.alter_broker()
        for topic in (*TOPICS, *INTERNAL_TOPICS):
            assert not await probe.add_partitions(topic)
            assert not await probe.alter_topic(topic)
            assert not await probe.describe_topic_config(topic)


@pytest.mark.parametrize("user", ALL_USERS)
async def test_only_the_writer_makes_room_and_only_in_telemetry(broker: EmbeddedBroker, user: str) -> None:
    trims = {Topic.TELEMETRY} if user == SERVICE_USERS[Service.WRITER] else set()
    async with probing(address_of(broker, user)) as probe:
        assert {topic for topic in TOPICS if await probe.delete_records(topic)} == trims
        # Kafka knows one right for both.
        assert not any([await probe.delete_topic(topic) for topic in set(TOPICS) - trims])


async def test_the_administrator_may_do_all_of_it(broker: EmbeddedBroker) -> None:
    async with probing(broker.address) as probe:
        assert await probe.create_topic("test-new")
        assert await probe.alter_broker()
        for topic in TOPICS:
            assert await probe.write(topic)
            assert await probe.read(topic)
            assert await probe.alter_topic(topic)
            assert await probe.delete_records(topic)


async def test_anybody_here_consumes_what_is_derived_in_a_group_of_their_own(broker: EmbeddedBroker) -> None:
    """As the README's example does."""
    processors = as_service(broker.address, Service.PROCESSORS)
    producer = kafka.producer(processors, client_id="test")
    await producer.start()
    await producer.send_and_wait(Topic.AGENT_STATUS, b"to be read", key=b"agent")
    await producer.stop()
    consumer = AIOKafkaConsumer(
        Topic.AGENT_STATUS,
        bootstrap_servers=broker.anonymous.bootstrap_servers,
        auto_offset_reset="earliest",
        group_id="another-team",
    )
    await consumer.start()
    try:
        while (await consumer.getone()).value != b"to be read":
            pass
        await consumer.commit()
    finally:
        await consumer.stop()


async def test_nobody_hears_what_agents_report(broker: EmbeddedBroker) -> None:
    consumer = AIOKafkaConsumer(
        Topic.TELEMETRY, bootstrap_servers=broker.anonymous.bootstrap_servers, auto_offset_reset="earliest"
    )
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await consumer.start()
    finally:
        await consumer.stop()


async def test_nobody_from_elsewhere_sees_anything_without_a_password(broker: EmbeddedBroker) -> None:
    """Any other address than the usual one of this machine is elsewhere."""
    assert await topics_seen_at(broker.port) == {Topic.ALERTS}
    async with from_elsewhere(broker.port) as port:
        assert await topics_seen_at(port) == set()


async def topics_seen_at(port: int) -> set[str]:
    connection = await create_conn("127.0.0.1", port)
    try:
        answer = await connection.send(MetadataRequest([Topic.ALERTS]))
    finally:
        await connection.close()
    return {topic for error, topic, *_ in answer.topics if not error}


@asynccontextmanager
async def from_elsewhere(port: int) -> AsyncIterator[int]:
    """A port whose connections go on to `port` from another address."""
    carried: list[asyncio.Task[None]] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        await asyncio.gather(pump(reader, back), pump(there, writer))

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carried.append(asyncio.create_task(carry(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        async with server:
            yield server.sockets[0].getsockname()[1]
    finally:
        await asyncio.gather(*carried)


@pytest.mark.parametrize("user", [ADMIN, SERVICE_USERS[Service.GATEWAY]])
async def test_a_wrong_password_lets_nobody_in(broker: EmbeddedBroker, user: str) -> None:
    address = as_user(broker.address, user)
    assert await is_let_in(address)
    assert not await is_let_in(dataclasses.replace(address, password=SecretStr("wrong")))
