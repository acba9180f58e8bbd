"""Who a request comes from: Basic, X-ClickHouse-User and -Key, or user and password in the URL."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

from infra.embedded.clickhouse.errors import AUTHENTICATION_FAILED, ClickHouseError
from infra.embedded.clickhouse.request import Request

USER = "promethios"


def authenticate(headers: Mapping[bytes, bytes], request: Request, password: str) -> None:
    """Accept the one user with its password, compared in constant time.

    Raises:
        ClickHouseError: no credentials, or wrong ones; the text does not say which part was wrong.
    """
    user, given = _credentials(headers, request)
    right_user = hmac.compare_digest(user.encode("utf-8", "surrogateescape"), USER.encode())
    right_password = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), password.encode())
    if not (right_user and right_password):
        raise ClickHouseError.of(
            AUTHENTICATION_FAILED,
            f"{_printable(user)}: Authentication failed: "
            "password is incorrect, or there is no user with such name",
        )


def _credentials(headers: Mapping[bytes, bytes], request: Request) -> tuple[str, str]:
    scheme, _, encoded = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"basic":
        try:
            decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError):
            return "", ""
        user, _, password = decoded.partition(":")
        return user, password
    if b"x-clickhouse-user" in headers or b"x-clickhouse-key" in headers:
        user = headers.get(b"x-clickhouse-user", b"default").decode("latin-1")
        return unquote(user), headers.get(b"x-clickhouse-key", b"").decode("utf-8", "surrogateescape")
    return request.user or "default", request.password or ""


def _printable(user: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in user[:64])
