"""Responses over ASGI: whole, streamed, failed, and to clients that do not read."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from backports import zstd

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.reply import Reply, StalledClientError
from infra.embedded.clickhouse.response import Identity

IDENTITY = Identity("query-id", "Etc/UTC", "host")
ERROR = ClickHouseError(395, "Code: 395. DB::Exception: no")


class Client:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[MutableMapping[str, Any]] = []

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.messages.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages[1:])

    @property
    def ended(self) -> bool:
        return not self.messages[-1].get("more_body", False)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def reply(client: Client) -> Reply:
    return Reply(client.send, IDENTITY, "26.9", idle_timeout=0.2)


async def test_a_body_of_known_length(client: Client, reply: Reply) -> None:
    await reply.begin([(b"a", b"b")], 3, None)
    await reply.write(b"abc")
    await reply.end()
    assert client.messages[0]["status"] == 200
    assert (client.headers[b"a"], client.headers[b"content-length"]) == (b"b", b"3")
    assert (client.body, client.ended) == (b"abc", True)


async def test_a_stream_is_compressed_when_asked_for(client: Client, reply: Reply) -> None:
    await reply.begin([], -1, b"zstd")
    for _ in range(3):
        await reply.write(b"x" * 100_000)
    await reply.end()
    assert client.headers[b"content-encoding"] == b"zstd"
    assert b"content-length" not in client.headers
    assert (zstd.decompress(client.body), client.ended) == (b"x" * 300_000, True)


@pytest.mark.parametrize("accept_encoding", [None, b"zstd"])
async def test_a_stream_that_fails_has_no_end(
    client: Client, reply: Reply, accept_encoding: bytes | None
) -> None:
    await reply.begin([], -1, accept_encoding)
    await reply.write(b"rows")
    await reply.fail(ERROR)
    body = zstd.decompress(client.body) if accept_encoding else client.body
    tag = client.headers[b"x-clickhouse-exception-tag"]
    assert body.startswith(b"rows\r\n__exception__\r\n" + tag)
    assert not client.ended


async def test_an_error_is_a_whole_response(client: Client, reply: Reply) -> None:
    await reply.error(ERROR)
    assert client.messages[0]["status"] == 500
    assert client.headers[b"content-length"] == str(len(client.body)).encode()
    assert client.ended


async def test_a_client_that_does_not_read() -> None:
    async def send(_: MutableMapping[str, Any]) -> None:
        await asyncio.Event().wait()

    with pytest.raises(StalledClientError):
        await Reply(send, IDENTITY, "26.9", idle_timeout=0.05).error(ERROR)
