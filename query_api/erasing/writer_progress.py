"""How far the writer is: what it has not stored yet cannot be erased from tables."""

import contextlib
from collections.abc import Mapping
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from runtime import kafka
from runtime.group_offsets import fetch_group_offsets
from runtime.settings import KafkaAddress
from schemas.tables import EVENT_TABLES
from schemas.topics import WRITER_GROUP, Topic

WRITTEN_TOPICS = (Topic.TELEMETRY, *EVENT_TABLES)


class WriterProgress:
    """Asks Kafka; connected for as long as it is entered."""

    def __init__(self, address: KafkaAddress, client_id: str) -> None:
        """Nothing is connected yet."""
        self._admin: AIOKafkaAdminClient = kafka.admin(address, client_id=client_id)
        self._consumer: AIOKafkaConsumer = kafka.consumer(address, client_id=client_id)
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            KafkaError: the brokers do not answer.
        """
        self._stack.push_async_callback(self._admin.close)
        self._stack.push_async_callback(self._consumer.stop)
        try:
            await self._admin.start()
            await self._consumer.start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._stack.aclose()

    async def ends(self) -> dict[TopicPartition, int]:
        """Where each log that the writer reads ends now, those that hold nothing left out."""
        topics = await self._admin.describe_topics([str(topic) for topic in WRITTEN_TOPICS])
        places = [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in topics
            for partition in topic["partitions"]
        ]
        starts = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        return {place: ends[place] for place in places if ends[place] > starts[place]}

    async def behind(self, ends: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        """The partitions whose records before `ends` are not all stored.

        Raises:
            KafkaError: the broker does not answer, or does not know now.
        """
        committed = await fetch_group_offsets(self._admin, WRITER_GROUP, list(ends))
        return [place for place, end in ends.items() if committed[place].offset < end]
