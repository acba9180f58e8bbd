"""The one user, by every way that ClickHouse has to name one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.auth import authenticate
from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.request import Request

PASSWORD = "pässword"


def basic(user: str, password: str) -> dict[bytes, bytes]:
    return {b"authorization": b"Basic " + base64.b64encode(f"{user}:{password}".encode())}


@pytest.mark.parametrize(
    ("headers", "request_"),
    [
        (basic("promethios", PASSWORD), Request()),
        ({b"x-clickhouse-user": b"promethios", b"x-clickhouse-key": PASSWORD.encode()}, Request()),
        ({}, Request(user="promethios", password=PASSWORD)),
        (basic("promethios", PASSWORD), Request(user="other", password="wrong")),
    ],
)
def test_the_right_password(headers: dict[bytes, bytes], request_: Request) -> None:
    authenticate(headers, request_, PASSWORD)


@pytest.mark.parametrize(
    ("headers", "request_"),
    [
        ({}, Request()),
        (basic("promethios", "wrong"), Request()),
        (basic("other", PASSWORD), Request()),
        (basic("promethios", PASSWORD + " "), Request()),
        (basic("promethios", "wrong"), Request(user="promethios", password=PASSWORD)),
        ({b"authorization": b"Basic !!!"}, Request()),
        ({b"authorization": b"Bearer x"}, Request()),
        ({b"x-clickhouse-key": PASSWORD.encode()}, Request()),
        ({}, Request(user="promethios")),
    ],
)
def test_anything_else(headers: dict[bytes, bytes], request_: Request) -> None:
    with pytest.raises(ClickHouseError) as caught:
        authenticate(headers, request_, PASSWORD)
    assert caught.value.code == 516
    assert PASSWORD not in caught.value.text


@given(st.binary())
def test_no_header_breaks_it(value: bytes) -> None:
    for headers in (
        {b"authorization": b"Basic " + value},
        {b"x-clickhouse-user": value, b"x-clickhouse-key": value},
    ):
        with pytest.raises(ClickHouseError):
            authenticate(headers, Request(), PASSWORD)
