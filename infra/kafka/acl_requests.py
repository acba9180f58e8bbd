"""Reading and changing a cluster's ACLs.

aiokafka 0.14 has the requests, but none in its admin client, and with one entry each: here they carry many.
"""

from collections.abc import Collection, Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest
from aiokafka.protocol.api import Request

from infra.kafka.acls import Acl, Operation, Pattern, Permission, Resource

# In filters: any resource, pattern, operation or permission.
_ANY = 1
_TYPE = "User:"


async def describe_acls(admin: AIOKafkaAdminClient) -> set[Acl]:
    """All entries for users; `admin` must be started, by a user who may DESCRIBE the cluster.

    Raises:
        aiokafka.errors.KafkaError: the broker refused; SecurityDisabled: it keeps no ACLs at all.
    """
    response = await _send(admin, DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
    _check(response.error_code, response.error_message)
    return {
        Acl(
            user=principal.removeprefix(_TYPE),
            resource=Resource(resource),
            name=name,
            pattern=Pattern(pattern),
            host=host,
            operation=Operation(operation),
            permission=Permission(permission),
        )
        for resource, name, pattern, entries in response.resources
        for principal, host, operation, permission in entries
        if principal.startswith(_TYPE)
    }


async def create_acls(admin: AIOKafkaAdminClient, acls: Collection[Acl]) -> None:
    """Add entries; those that exist already are no error. The user must be allowed to ALTER the cluster.

    Raises:
        aiokafka.errors.KafkaError: the broker refused one; others may have been added.
    """
    if not acls:
        return
    response = await _send(admin, _CreateAcls(acls))
    for error_code, message in response.creation_responses:
        _check(error_code, message)


async def delete_acls(admin: AIOKafkaAdminClient, acls: Collection[Acl]) -> None:
    """Remove entries; those that do not exist are no error. The user must be allowed to ALTER the cluster.

    Raises:
        aiokafka.errors.KafkaError: the broker refused one; others may have been removed.
    """
    if not acls:
        return
    response = await _send(admin, _DeleteAcls(acls))
    for error_code, message, _ in response.filter_responses:
        _check(error_code, message)


async def _send(admin: AIOKafkaAdminClient, request: Request) -> Any:  # noqa: ANN401 - aiokafka ships no types
    client = admin._client  # noqa: SLF001 - the admin client offers no way to send these requests
    return await client.send(client.get_random_node(), request)


def _check(error_code: int, message: str | None) -> None:
    if error_code:
        raise for_code(error_code)(message)


def _fields(acls: Iterable[Acl]) -> list[tuple[int, str, int, str, str, int, int]]:
    return [
        (
            acl.resource,
            acl.name,
            acl.pattern,
            f"{_TYPE}{acl.user}",
            acl.host,
            acl.operation,
            acl.permission,
        )
        for acl in acls
    ]


class _CreateAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, acls: Iterable[Acl]) -> None:
        self._creations = _fields(acls)

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self._creations)


class _DeleteAcls(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = DeleteAclsRequest_v1.API_KEY

    def __init__(self, acls: Iterable[Acl]) -> None:
        self._filters = _fields(acls)

    def build(self, request_struct_class: type[DeleteAclsRequest_v1]) -> DeleteAclsRequest_v1:
        return request_struct_class(self._filters)
