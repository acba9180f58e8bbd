"""Who may do what on Kafka, derived from the registry of topics and groups; pure.

Kafka's ACLs are lists of grants and refusals; a refusal goes before any grant, and what nobody grants is
refused. READ, WRITE and DELETE each include DESCRIBE.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import IntEnum

from infra.kafka.principals import ADMIN, ANONYMOUS, READER, SERVICE_USERS, USERS
from schemas.topics import (
    ADMINISTERED_TOPICS,
    AUDITED_TOPICS,
    DEAD_LETTER_TOPICS,
    DERIVED_TOPICS,
    GROUPS,
    NAMESPACE,
    TOPICS,
    VERIFIED_TOPICS,
    WRITER_GROUP,
    Service,
    Topic,
)

ANY = "*"
# As Kafka writes the addresses of clients on its own machine.
LOOPBACK_HOSTS = ("127.0.0.1", "0:0:0:0:0:0:0:1")


class Resource(IntEnum):
    """What an ACL is about, as numbered by Kafka's protocol."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5
    DELEGATION_TOKEN = 6
    USER = 7


class Pattern(IntEnum):
    """Whether the resource is named in full or by how its name begins, as numbered by Kafka's protocol."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What is done to the resource, as numbered by Kafka's protocol."""

    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


class Permission(IntEnum):
    """Whether the ACL grants or refuses, as numbered by Kafka's protocol."""

    DENY = 2
    ALLOW = 3


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Acl:
    """One entry; `user` is the principal without its type, `host` the client's address or `*`."""

    user: str
    resource: Resource
    name: str
    operation: Operation
    pattern: Pattern = Pattern.LITERAL
    host: str = ANY
    permission: Permission = Permission.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """The users of a cluster that is not our own, where the operator may have named them otherwise."""

    admin: str = ADMIN
    reader: str = READER
    services: Mapping[Service, str] = field(default_factory=lambda: SERVICE_USERS)


def embedded_acls(*, anonymous: bool) -> frozenset[Acl]:
    """What a stack's own broker allows; its administrator needs no entries there.

    `anonymous`: clients without a password may come, from this machine only.
    """
    acls = {*_service_acls(SERVICE_USERS), *_trimming_acls(SERVICE_USERS), *_consumer_acls(READER, ANY)}
    if anonymous:
        acls.update(acl for host in LOOPBACK_HOSTS for acl in _consumer_acls(ANONYMOUS, host))
    return frozenset(acls)


def cluster_acls(users: Users) -> frozenset[Acl]:
    """What a cluster that is not our own has to allow; nobody trims there, for its disk is not ours."""
    return frozenset(
        {
            *_service_acls(users.services),
            *_administration_acls(users.admin),
            *_consumer_acls(users.reader, ANY),
        }
    )


def embedded_surplus(existing: AbstractSet[Acl], wanted: AbstractSet[Acl]) -> set[Acl]:
    """Entries of the broker's own users that are wanted no more; those of others are theirs."""
    ours = {*USERS, ANONYMOUS}
    return {acl for acl in existing - wanted if acl.user in ours}


def cluster_surplus(existing: AbstractSet[Acl], wanted: AbstractSet[Acl], users: Users) -> set[Acl]:
    """Entries for our topics and groups that our users have no need of; all others are left alone.

    The administrator's are too: that user may serve more than us.
    """
    ours = {*users.services.values(), users.reader} - {users.admin}
    return {acl for acl in existing - wanted if acl.user in ours and acl.name.startswith(NAMESPACE)}


def _service_acls(users: Mapping[Service, str]) -> Iterator[Acl]:
    for spec in TOPICS.values():
        yield from (_topic(users[service], spec.topic, Operation.WRITE) for service in spec.producers)
        yield from (_topic(users[service], spec.topic, Operation.READ) for service in spec.consumers)
    for group in GROUPS:
        yield _group(users[group.member], group.group, Operation.READ)
        yield from (_group(users[service], group.group, Operation.DESCRIBE) for service in group.observers)


def _trimming_acls(users: Mapping[Service, str]) -> Iterator[Acl]:
    for spec in TOPICS.values():
        if spec.trimmer is not None:
            yield _topic(users[spec.trimmer], spec.topic, Operation.DELETE)


def _administration_acls(user: str) -> Iterator[Acl]:
    """To create the topics, put the first operator, send dead letters again, verify and audit."""
    for topic in TOPICS:
        yield _topic(user, topic, Operation.CREATE)
        yield _topic(user, topic, Operation.DESCRIBE)
    for topic in (*ADMINISTERED_TOPICS, *DEAD_LETTER_TOPICS, *VERIFIED_TOPICS, *AUDITED_TOPICS):
        yield _topic(user, topic, Operation.READ)
    for topic in ADMINISTERED_TOPICS:
        yield _topic(user, topic, Operation.WRITE)
    yield _group(user, WRITER_GROUP, Operation.DESCRIBE)


def _consumer_acls(user: str, host: str) -> Iterator[Acl]:
    """Read what is derived, in any group but ours."""
    for topic in DERIVED_TOPICS:
        yield Acl(user=user, resource=Resource.TOPIC, name=topic.value, operation=Operation.READ, host=host)
    yield Acl(user=user, resource=Resource.GROUP, name=ANY, operation=Operation.READ, host=host)
    yield Acl(
        user=user,
        resource=Resource.GROUP,
        name=NAMESPACE,
        pattern=Pattern.PREFIXED,
        operation=Operation.ALL,
        permission=Permission.DENY,
    )


def _topic(user: str, topic: Topic, operation: Operation) -> Acl:
    return Acl(user=user, resource=Resource.TOPIC, name=topic.value, operation=operation)


def _group(user: str, group: str, operation: Operation) -> Acl:
    return Acl(user=user, resource=Resource.GROUP, name=group, operation=operation)
