"""A cluster gets what it lacks and loses what is too much, once; whoever may not is told what to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import SecurityDisabled

from infra.kafka.access import AccessError, Changes, secure_cluster, secure_embedded
from infra.kafka.acl_requests import create_acls, delete_acls, describe_acls
from infra.kafka.acls import Acl, Operation, Resource, Users, cluster_acls
from infra.kafka.principals import ADMIN, READER
from runtime.settings import KafkaAddress
from schemas.topics import Service
from tests.embedded_broker import PASSWORDS, as_user
from tests.kafka_probe import is_let_in, probing, until_it_is

NOTHING = Changes(set(), set())
# Names of this test's own, on a broker that it shares.
USERS = Users(admin="access-admin", reader="access-reader", services={s: f"access-{s}" for s in Service})
READER_TOO_MUCH = Acl(
    user=READER, resource=Resource.TOPIC, name="promethios.api-keys.v1", operation=Operation.READ
)
WRITER_TOO_MUCH = Acl(
    user="access-writer", resource=Resource.TOPIC, name="promethios.old.v1", operation=Operation.WRITE
)
NOT_OURS = {
    Acl(
        user="access-analyst", resource=Resource.TOPIC, name="promethios.alerts.v1", operation=Operation.READ
    ),
    Acl(user="access-writer", resource=Resource.TOPIC, name="orders", operation=Operation.WRITE),
    Acl(user="access-admin", resource=Resource.TOPIC, name="promethios.old.v1", operation=Operation.ALTER),
}


@pytest.fixture
def embedded(kafka_address: KafkaAddress) -> KafkaAddress:
    if kafka_address.username != ADMIN:
        pytest.skip("needs an embedded broker")
    return kafka_address


@asynccontextmanager
async def given(address: KafkaAddress, acls: set[Acl]) -> AsyncIterator[None]:
    """These entries, on top of what there is; afterwards they and all of this test's users' are gone."""
    async with probing(address) as probe:

        async def missing() -> set[Acl]:
            return acls - await describe_acls(probe.admin)

        await create_acls(probe.admin, acls)
        await until_it_is(set(), missing)
        yield
        found = await describe_acls(probe.admin)
        surplus = {acl for acl in found if acl.user.startswith("access-")} | acls
        await delete_acls(probe.admin, surplus)

        async def left() -> set[Acl]:
            return surplus & await describe_acls(probe.admin)

        await until_it_is(set(), left)


@pytest.mark.integration
async def test_the_embedded_broker_is_secured_once(embedded: KafkaAddress) -> None:
    async with given(embedded, {READER_TOO_MUCH, *NOT_OURS}):
        changes = await secure_embedded(embedded, PASSWORDS, anonymous=True)
        assert changes == Changes(set(), {READER_TOO_MUCH})
        await until_it_is(NOTHING, lambda: secure_embedded(embedded, PASSWORDS, anonymous=True))


@pytest.mark.integration
async def test_passwords_follow_their_files_but_for_the_administrators(embedded: KafkaAddress) -> None:
    changed = PASSWORDS | {READER: "another-password-of-the-reader", ADMIN: "nobody-has-told-the-broker"}
    try:
        await secure_embedded(embedded, changed, anonymous=True)
        await until_it_is(False, lambda: is_let_in(as_user(embedded, READER)))
        assert await is_let_in(embedded)
    finally:
        await secure_embedded(embedded, PASSWORDS, anonymous=True)
    await until_it_is(True, lambda: is_let_in(as_user(embedded, READER)))


@pytest.mark.integration
async def test_an_external_cluster_is_secured_once(embedded: KafkaAddress) -> None:
    async with given(embedded, {WRITER_TOO_MUCH, *NOT_OURS}):
        changes = await secure_cluster(embedded, USERS)
        assert changes == Changes(set(cluster_acls(USERS)), {WRITER_TOO_MUCH})
        await until_it_is(NOTHING, lambda: secure_cluster(embedded, USERS))


@pytest.mark.integration
async def test_who_may_not_change_the_cluster_is_named(embedded: KafkaAddress) -> None:
    with pytest.raises(AccessError, match=rf"The user {READER} may not change the cluster's ACLs"):
        await secure_cluster(as_user(embedded, READER), USERS)


class NoAdmin:
    """An admin client that is never asked anything."""

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def test_a_cluster_that_keeps_no_acls_is_told_from_one_that_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def describe(_: object) -> set[Acl]:
        raise SecurityDisabled

    monkeypatch.setattr("infra.kafka.access.describe_acls", describe)
    monkeypatch.setattr("infra.kafka.access.kafka.admin", lambda *_, **__: NoAdmin())
    with pytest.raises(AccessError, match=r"authorizer\.class\.name"):
        await secure_cluster(KafkaAddress("nowhere:1"), USERS)
