"""Bodies are pulled as they are used, and never end early without saying so."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from backports import zstd

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.payload import ClientDisconnectedError, Payload

DISCONNECT: dict[str, Any] = {"type": "http.disconnect"}
LARGE = [bytes([n]) * (9 << 20) for n in range(4)]  # more than is read at once


class Client:
    """Sends what it is given, then nothing more."""

    def __init__(self, *messages: MutableMapping[str, Any]) -> None:
        self.messages = list(messages)

    async def receive(self) -> MutableMapping[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)


def body(*chunks: bytes) -> list[MutableMapping[str, Any]]:
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    return [*messages, {"type": "http.request", "body": b"", "more_body": False}]


async def opened(client: Client, encoding: str = "") -> Payload:
    payload = Payload(client.receive, encoding, idle_timeout=0.2)
    await payload.open()
    return payload


async def rest(payload: Payload, skip: int = 0) -> bytes:
    return await asyncio.to_thread(lambda: b"".join(payload.pieces(skip)))


@pytest.mark.parametrize("encoding", ["", "zstd"])
async def test_the_head_stays_part_of_the_body(encoding: str) -> None:
    chunks = [b"ab", b"", b"cdef"]
    if encoding:
        chunks = [zstd.compress(b"".join(chunks))]
    payload = await opened(Client(*body(*chunks)), encoding)
    assert (await payload.head(1)).startswith(b"ab")
    assert await payload.head(100) == b"abcdef"
    assert await rest(payload, skip=3) == b"def"


async def test_a_large_body_is_pulled_while_it_is_used() -> None:
    client = Client(*body(*LARGE))
    payload = await opened(client)
    assert len(client.messages) == 3
    assert await rest(payload) == b"".join(LARGE)


async def test_a_client_that_goes_away_early() -> None:
    with pytest.raises(ClientDisconnectedError):
        await opened(Client(*body(b"a")[:1], DISCONNECT))


async def test_a_client_that_goes_away_late() -> None:
    payload = await opened(Client(*body(*LARGE)[:3], DISCONNECT))
    with pytest.raises(ClientDisconnectedError):
        await rest(payload)


async def test_a_client_that_sends_nothing() -> None:
    with pytest.raises(ClickHouseError, match="SOCKET_TIMEOUT"):
        await opened(Client(*body(b"a")[:1]))


async def test_an_unknown_encoding() -> None:
    with pytest.raises(ClickHouseError, match="Content-Encoding"):
        await opened(Client(*body(b"a")), "snappy")
