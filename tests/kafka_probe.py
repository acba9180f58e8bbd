"""One request at a time to a broker, as one user, and whether the broker let it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.admin import (
    AlterConfigsRequest,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteGroupsRequest,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
    DescribeConfigsRequest,
)
from aiokafka.protocol.api import Request
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import JoinGroupRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from runtime import kafka
from runtime.settings import KafkaAddress

_REFUSALS = (ClusterAuthorizationFailedError, GroupAuthorizationFailedError, TopicAuthorizationFailedError)
_TOPIC, _BROKER = 2, 4
_SETTLE_SECONDS = 120.0


class Probe:
    """What a user may do; each method says whether the broker let it, whatever else it answered."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self.admin = admin

    async def write(self, topic: str) -> bool:
        answer = await self._ask(ProduceRequest(None, -1, 5000, [(topic, [(0, _batch())])]))
        return _allowed(answer.topics[0][1][0][1])

    async def read(self, topic: str) -> bool:
        answer = await self._ask(FetchRequest(0, 0, 1024, 0, [(topic, [(0, 0, 1024)])]))
        return _allowed(answer.topics[0][1][0][1])

    async def delete_records(self, topic: str) -> bool:
        answer = await self._ask(DeleteRecordsRequest([(topic, [(0, 0)])], 5000, {}))
        return _allowed(answer.topics[0][1][0][2])

    async def delete_topic(self, topic: str) -> bool:
        answer = await self._ask(DeleteTopicsRequest([topic], 5000))
        return _allowed(answer.topic_error_codes[0][1])

    async def create_topic(self, topic: str) -> bool:
        answer = await self._ask(CreateTopicsRequest([(topic, 1, 1, [], [])], 5000, True))
        return _allowed(answer.topic_errors[0][1])

    async def add_partitions(self, topic: str) -> bool:
        answer = await self._ask(CreatePartitionsRequest([(topic, (9, None))], 5000, True))
        return _allowed(answer.topic_errors[0][1])

    async def alter_topic(self, topic: str) -> bool:
        answer = await self._ask(AlterConfigsRequest([(_TOPIC, topic, [("retention.ms", "1")])], True))
        return _allowed(answer.resources[0][0])

    async def alter_broker(self) -> bool:
        answer = await self._ask(AlterConfigsRequest([(_BROKER, "1", [("log.cleaner.threads", "1")])], True))
        return _allowed(answer.resources[0][0])

    async def describe_topic_config(self, topic: str) -> bool:
        answer = await self._ask(DescribeConfigsRequest([(_TOPIC, topic, None)], False))
        return _allowed(answer.resources[0][0])

    async def join(self, group: str) -> bool:
        """Ask to be a member; the answer that more is needed comes only to who may."""
        request = JoinGroupRequest(group, 6000, 6000, "", None, "consumer", [("range", b"")])
        return _allowed((await self._ask(request)).error_code)

    async def commit(self, group: str, topic: str) -> bool:
        answer = await self._ask(OffsetCommitRequest(group, -1, "", -1, [(topic, [(0, 0, "")])]))
        return _allowed(answer.topics[0][1][0][1])

    async def look_at(self, group: str) -> bool:
        return _allowed((await self._ask(OffsetFetchRequest(group, None))).error_code)

    async def delete_group(self, group: str) -> bool:
        return _allowed((await self._ask(DeleteGroupsRequest([group]))).results[0][1])

    async def begin_to_produce(self) -> bool:
        """What an idempotent producer does before anything else."""
        return _allowed((await self._ask(InitProducerIdRequest(None, 5000))).error_code)

    async def _ask(self, request: Request) -> Any:  # noqa: ANN401 - aiokafka ships no types
        client = self.admin._client
        return await client.send(client.get_random_node(), request)


async def until_it_is(wanted: object, ask: Callable[[], Awaitable[object]]) -> None:
    """Wait for an answer: a broker answers a change before it goes by it itself."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (found := await ask()) != wanted:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.01)


@asynccontextmanager
async def probing(address: KafkaAddress) -> AsyncIterator[Probe]:
    """Connect as the address's user, or as nobody."""
    admin = kafka.admin(address, client_id="test")
    await admin.start()
    try:
        yield Probe(admin)
    finally:
        await admin.close()


async def is_let_in(address: KafkaAddress) -> bool:
    """Whether the broker takes the password."""
    admin = kafka.admin(address, client_id="test")
    try:
        await admin.start()
    except KafkaConnectionError:
        return False
    finally:
        await admin.close()
    return True


def _allowed(error_code: int) -> bool:
    return for_code(error_code) not in _REFUSALS


def _batch() -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1024,
    )
    builder.append(0, time.time_ns() // 1_000_000, b"key", b"value", [])
    return bytes(builder.build())
