"""Records, and parts that stand in for the broker, for tests of the checkpoint."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import msgspec
from aiokafka.errors import KafkaConnectionError

from schemas.block import Kind, Segment, encode_headers
from schemas.control import TrustModel
from schemas.control_block import ControlRow, encode_control_block
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.policy import Policy, PolicyTerms
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic
from schemas.trust_model import LevelParameters, TrustParameters
from stream_processors.absorbing import Absorber
from stream_processors.checkpoint.meta import PartitionMeta, encode_meta
from stream_processors.checkpoint.owned import Checkpoint, OwnedPartition
from stream_processors.halting import GivenUp, HaltLimit
from stream_processors.log_record import LogRecord

TIME = 1_800_000_000_000
LIMIT = HaltLimit(records=3, share=0.5, seconds=600)
META = encode_meta(PartitionMeta(uuid.UUID(int=7)))


def log_record(offset: int, agent: str = "a", rows: int = 2, partition: int = 0) -> LogRecord:
    """A block of log entries of one agent."""
    batch_id = offset.to_bytes(16)
    value = encode_rows(row_prefix("default", agent, TIME, batch_id), [LogRow(LogLevel.ERROR, "x")] * rows)
    segment = Segment("default", agent, batch_id, False, rows, len(value), TIME)
    headers = tuple(encode_headers(Kind.LOG, [segment]))
    return LogRecord(partition, offset, TIME + offset * 1000, None, value, headers)


def tick(offset: int, partition: int = 0) -> LogRecord:
    """A tick."""
    headers = tuple(encode_headers(Kind.TICK, ()))
    return LogRecord(partition, offset, TIME + offset * 1000, None, b"", headers)


def model_record(offset: int, *, version: int, trusted: float = 85.0) -> LogRecord:
    """The trust model of the default tenant."""
    parameters = TrustParameters(levels=LevelParameters(trusted=trusted))
    model = TrustModel("default", parameters, TIME, "admin")
    row = ControlRow(Topic.TRUST_MODELS, "default", version, msgspec.Raw(msgspec.json.encode(model)))
    headers, value = encode_control_block([row], TIME)
    return LogRecord(0, offset, TIME + offset * 1000, None, value, tuple(headers))


def policy_record(offset: int, *, version: int, description: str = "") -> LogRecord:
    """The policy `build` of the default tenant, which allows no tools."""
    terms = PolicyTerms(description=description, allowed_tools=())
    policy = Policy("default", "build", version, terms, TIME, "admin", TIME, "admin")
    row = ControlRow(Topic.POLICIES, "default/build", version, msgspec.Raw(msgspec.json.encode(policy)))
    headers, value = encode_control_block([row], TIME)
    return LogRecord(0, offset, TIME + offset * 1000, None, value, tuple(headers))


def broken(offset: int, partition: int = 0) -> LogRecord:
    """A record that nobody can read."""
    return LogRecord(partition, offset, TIME + offset * 1000, b"k", b"v", (("h", b"1"),))


def owned_partition(partition: int = 0, fence: int = -1, generation: int = 1) -> OwnedPartition:
    """An empty partition that has absorbed up to `fence`."""
    return OwnedPartition(Absorber(partition, fence), generation, META, GivenUp(LIMIT))


class Acknowledgements:
    """Notes the order in which records are acknowledged."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self._changed = asyncio.Condition()

    async def wait_for(self, count: int) -> None:
        """Wait until so many are acknowledged."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.seen) >= count)

    def of(self, number: int) -> Callable[[], Awaitable[object]]:
        async def acknowledge() -> None:
            self.seen.append(number)
            async with self._changed:
                self._changed.notify_all()

        return acknowledge


class FakeStore:
    """Keeps checkpoints; fails as often as it is told, and waits while it is held."""

    def __init__(self, failures: int = 0) -> None:
        self.stored: list[Checkpoint] = []
        self.attempts = 0
        self.told = 0
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.open.set()
        self._failures = failures

    async def store(self, checkpoint: Checkpoint) -> int:
        self.attempts += 1
        self.entered.set()
        await self.open.wait()
        if self._failures:
            self._failures -= 1
            raise KafkaConnectionError("away")
        self.stored.append(checkpoint)
        return sum(len(entry.framed) for entry in checkpoint.entries)

    def acknowledged(self) -> None:
        self.told += 1
