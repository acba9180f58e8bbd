"""What stands for Kafka in the gateway's unit tests, and the one agent that they know."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from ingest_gateway.auth import Identity, KeyIndex
from ingest_gateway.report import Part
from ingest_gateway.sink import Headers, SinkError
from runtime.control_log import Listener
from schemas.block import Kind, Segment
from schemas.control import Agent, ApiKey, Suspension, control_key, control_topic
from schemas.identity import hash_secret, new_api_key
from schemas.permissions import Permission
from schemas.topics import Topic

PARTITIONS = 4
NOW = 1_800_000_000_000
TOKEN = new_api_key("agent-1")
AGENT = Agent("acme", "agent-1", "gov-1", NOW)
SUSPENDED = msgspec.structs.replace(AGENT, suspension=Suspension(NOW, None, "ada", "a reason"))
RESUMED = msgspec.structs.replace(AGENT, suspension=Suspension(NOW, NOW, "ada", "a reason", "bob"))


def api_key(token: str = TOKEN, **changes: Any) -> ApiKey:  # noqa: ANN401 - any field of a key
    key = ApiKey("key-1", "acme", "agent-1", "gov-1", hash_secret(token), tuple(Permission), NOW)
    return msgspec.structs.replace(key, **changes)


def index_of(*records: Agent | ApiKey) -> KeyIndex:
    index = KeyIndex(PARTITIONS)
    for record in records:
        index.apply(control_topic(record), control_key(record), record)
    return index


def identity(**changes: Any) -> Identity:  # noqa: ANN401 - any field of a key
    return index_of(AGENT, api_key(**changes)).find(TOKEN.encode(), NOW)


def part(rows: bytes, kind: Kind = Kind.LOG, batch: int = 1, *, keyed: bool = False) -> Part:
    segment = Segment("acme", "agent-1", batch.to_bytes(16), keyed, rows.count(b"\n"), len(rows), NOW)
    return Part(kind, segment, rows)


class MemorySink:
    """Keeps records in lists; can be told to hang or to fail, and what time it is."""

    def __init__(self) -> None:
        self.records: list[tuple[int, bytes, list[tuple[str, bytes]]]] = []
        self.times: list[int] = []
        self.now: int | None = None
        self.failing = False
        self.reachable = True
        self.is_connected = True
        self._flowing = asyncio.Event()
        self._flowing.set()

    def hang(self) -> None:
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    async def start(self) -> int:
        if not self.reachable:
            raise SinkError("not reachable")
        self.is_connected = True
        return PARTITIONS

    async def publish(self, partition: int, value: bytes, headers: Headers) -> int:
        await self._flowing.wait()
        if self.failing or not self.is_connected:
            raise SinkError("not taken")
        self.records.append((partition, value, list(headers)))
        self.times.append(time.time_ns() // 1_000_000 if self.now is None else self.now)
        return self.times[-1]

    async def stop(self) -> None:
        self.is_connected = False


class MemoryControl:
    """A control source that has read its records as soon as it starts."""

    def __init__(self, *records: Agent | ApiKey) -> None:
        self._records = records
        self._listeners: list[Listener] = []
        self.following = False
        self.silent_seconds = 0.0
        self.applied: Mapping[str, int] = {}

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def start(self) -> None:
        for record in self._records:
            self.change(record)
        self.applied = {Topic.AGENTS: 1, Topic.API_KEYS: len(self._records)}
        self.following = True

    async def stop(self) -> None:
        self.following = False

    def change(self, record: Agent | ApiKey) -> None:
        for listener in self._listeners:
            listener(control_topic(record), control_key(record), record)
