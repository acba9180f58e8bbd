"""Setting users' passwords on a cluster: SCRAM credentials, as KIP-554 defines the request.

aiokafka 0.14 does not have it, so version 0 is declared here in its terms.
"""

import hashlib
import secrets
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_ALTER_USER_SCRAM_CREDENTIALS_KEY = 51
_SCRAM_SHA_512 = 2
# The fewest that Kafka allows: they slow down whoever guesses, and ours are random, too long to be guessed.
_ITERATIONS = 4096
_SALT_BYTES = 16


async def set_passwords(admin: AIOKafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Let these users in by these passwords, and by no others; `admin` must be started.

    What is derived from the passwords goes over the wire and is as good as they are.

    Raises:
        aiokafka.errors.KafkaError: the broker refused one; others may have been set.
    """
    client = admin._client  # noqa: SLF001 - the admin client offers no way to send this request
    response = await client.send(client.get_random_node(), _SetPasswords(passwords))
    for _user, error_code, message, *_ in response.results:
        if error_code:
            raise for_code(error_code)(message)


class _SetPasswordsResponse(Response):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = _ALTER_USER_SCRAM_CREDENTIALS_KEY
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _SetPasswordsStruct(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = _ALTER_USER_SCRAM_CREDENTIALS_KEY
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _SetPasswordsResponse
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _SetPasswords(Request[_SetPasswordsStruct]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = _ALTER_USER_SCRAM_CREDENTIALS_KEY

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._upsertions = [_upsertion(user, password) for user, password in passwords.items()]

    def build(self, request_struct_class: type[_SetPasswordsStruct]) -> _SetPasswordsStruct:
        return request_struct_class([], self._upsertions, {})


def _upsertion(user: str, password: str) -> tuple[str, int, int, bytes, bytes, dict[int, bytes]]:
    salt = secrets.token_bytes(_SALT_BYTES)
    # RFC 5802's SaltedPassword.
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return user, _SCRAM_SHA_512, _ITERATIONS, salt, salted, {}
