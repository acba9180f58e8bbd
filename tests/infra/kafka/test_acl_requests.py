"""Entries come back from a real broker as they were made."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ClusterAuthorizationFailedError

from infra.kafka.acl_requests import create_acls, delete_acls, describe_acls
from infra.kafka.acls import Acl, Operation, Pattern, Permission, Resource
from infra.kafka.principals import ADMIN, READER
from runtime import kafka
from runtime.settings import KafkaAddress
from tests.embedded_broker import as_user
from tests.kafka_probe import until_it_is

pytestmark = pytest.mark.integration

USER = "tests-of-requests"
ACLS = {
    Acl(user=USER, resource=Resource.TOPIC, name="test-topic", operation=Operation.WRITE),
    Acl(user=USER, resource=Resource.TOPIC, name="test-topic", operation=Operation.READ, host="192.0.2.1"),
    Acl(
        user=USER,
        resource=Resource.GROUP,
        name="test-",
        pattern=Pattern.PREFIXED,
        operation=Operation.ALL,
        permission=Permission.DENY,
    ),
    Acl(user=USER, resource=Resource.CLUSTER, name="kafka-cluster", operation=Operation.DESCRIBE),
}


@pytest.fixture
async def admin(kafka_address: KafkaAddress) -> AsyncIterator[AIOKafkaAdminClient]:
    if kafka_address.username != ADMIN:
        pytest.skip("needs an embedded broker")
    admin = kafka.admin(kafka_address, client_id="test")
    await admin.start()
    yield admin
    await admin.close()


def of_ours(admin: AIOKafkaAdminClient) -> Callable[[], Awaitable[set[Acl]]]:
    async def ask() -> set[Acl]:
        return {acl for acl in await describe_acls(admin) if acl.user == USER}

    return ask


async def test_entries_are_made_found_and_removed(admin: AIOKafkaAdminClient) -> None:
    await create_acls(admin, ACLS)
    await create_acls(admin, ACLS)
    await until_it_is(ACLS, of_ours(admin))
    removed = {acl for acl in ACLS if acl.resource is Resource.TOPIC}
    await delete_acls(admin, removed)
    await delete_acls(admin, removed)
    await until_it_is(ACLS - removed, of_ours(admin))
    await delete_acls(admin, ACLS)
    await until_it_is(set(), of_ours(admin))


async def test_nothing_to_do_asks_nobody(admin: AIOKafkaAdminClient) -> None:
    await admin.close()
    await create_acls(admin, set())
    await delete_acls(admin, set())


async def test_who_may_not_is_told(admin: AIOKafkaAdminClient, kafka_address: KafkaAddress) -> None:
    reader = kafka.admin(as_user(kafka_address, READER), client_id="test")
    await reader.start()
    try:
        for refused in (describe_acls(reader), create_acls(reader, ACLS), delete_acls(reader, ACLS)):
            with pytest.raises(ClusterAuthorizationFailedError):
                await refused
    finally:
        await reader.close()
    assert await of_ours(admin)() == set()
