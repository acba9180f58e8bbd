"""Joined writes: one packet an answer, in order, and nothing lost at the end."""

import asyncio
from typing import cast

from ingest_gateway.http_protocol import JoinedWrites


class Wire:
    """A transport that notes what reaches it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def joined() -> tuple[Wire, JoinedWrites]:
    wire = Wire()
    return wire, JoinedWrites(cast("asyncio.Transport", wire))


async def test_writes_of_one_turn_are_one_write() -> None:
    wire, transport = joined()
    transport.write(b"head ")
    transport.write(b"body")
    assert wire.written == []
    await asyncio.sleep(0)
    assert wire.written == [b"head body"]
    transport.write(b"next")
    await asyncio.sleep(0)
    assert wire.written == [b"head body", b"next"]


async def test_closing_writes_what_is_kept_first() -> None:
    wire, transport = joined()
    transport.write(b"last words")
    transport.close()
    assert wire.written == [b"last words"]
    assert wire.closed
    await asyncio.sleep(0)
    assert wire.written == [b"last words"]


async def test_the_rest_is_the_transports_own() -> None:
    wire, transport = joined()
    assert transport.written is wire.written
    assert not transport.is_closing()
    wire.close()
    assert transport.is_closing()
