"""Bring a cluster's ACLs into the shape that the registry says, and set the passwords of our own broker."""

from collections.abc import AsyncIterator, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ClusterAuthorizationFailedError, SecurityDisabled

from infra.errors import StackError
from infra.kafka.acl_requests import create_acls, delete_acls, describe_acls
from infra.kafka.acls import Acl, Users, cluster_acls, cluster_surplus, embedded_acls, embedded_surplus
from infra.kafka.password_requests import set_passwords
from infra.kafka.principals import ADMIN
from runtime import kafka
from runtime.settings import KafkaAddress

_CLIENT_ID = "promethios-access"


class AccessError(StackError):
    """The cluster's ACLs cannot be brought into shape; the text says what to do."""


# What exists and is wanted no more, of what exists and what is wanted.
Surplus = Callable[[AbstractSet[Acl], AbstractSet[Acl]], set[Acl]]


class Changes(NamedTuple):
    """What had to be changed; nothing when the cluster was in shape."""

    created: set[Acl]
    removed: set[Acl]


async def secure_embedded(address: KafkaAddress, passwords: Mapping[str, str], *, anonymous: bool) -> Changes:
    """Give the stack's own broker its ACLs, and each user the password that stands in its file.

    The administrator's own password is left as it is: it has just been used.

    Raises:
        aiokafka.errors.KafkaError: the broker does not answer, or refuses.
    """
    async with _admin(address) as admin:
        others = {user: password for user, password in passwords.items() if user != ADMIN}
        await set_passwords(admin, others)
        return await _apply(admin, embedded_acls(anonymous=anonymous), embedded_surplus)


async def secure_cluster(address: KafkaAddress, users: Users) -> Changes:
    """Give a cluster that is not our own what our users need, and take from them what they do not.

    Raises:
        AccessError: it keeps no ACLs, or does not let this user change them.
        aiokafka.errors.KafkaError: it does not answer, or refuses for another reason.
    """
    try:
        async with _admin(address) as admin:
            return await _apply(
                admin,
                cluster_acls(users),
                lambda existing, wanted: cluster_surplus(existing, wanted, users),
            )
    except SecurityDisabled as error:
        raise AccessError(
            "The cluster keeps no ACLs, so that everybody may do everything: set its authorizer.class.name "
            "and super.users, and restart it."
        ) from error
    except ClusterAuthorizationFailedError as error:
        raise AccessError(
            f"The user {address.username} may not change the cluster's ACLs: use one who may DESCRIBE and "
            "ALTER the cluster, or let an administrator add what `promethios topics acls` prints."
        ) from error


async def _apply(
    admin: AIOKafkaAdminClient,
    wanted: AbstractSet[Acl],
    surplus: Surplus,
) -> Changes:
    existing = await describe_acls(admin)
    changes = Changes(set(wanted - existing), surplus(existing, wanted))
    # Grants first: nothing that runs is to lose, even for a moment, what it may keep.
    await create_acls(admin, changes.created)
    await delete_acls(admin, changes.removed)
    return changes


@asynccontextmanager
async def _admin(address: KafkaAddress) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = kafka.admin(address, client_id=_CLIENT_ID)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
