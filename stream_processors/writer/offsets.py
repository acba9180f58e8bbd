"""Committed offsets with their metadata, written only as the member that the partition was given to."""

import asyncio
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
    for_code,
)
from aiokafka.protocol.commit import OffsetCommitRequest

from runtime.group_offsets import fetch_group_offsets

_RETRY_SECONDS = 0.1
_LOST = (IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


class PartitionLostError(Exception):
    """The group has moved on: somebody else may own the partition by now."""


class Membership(NamedTuple):
    """What the broker knows this process by; a rejoin, or another owner, makes it invalid."""

    generation: int
    member_id: str


class Committed(NamedTuple):
    """A partition's committed offset and its metadata."""

    offset: int
    metadata: str


class Offsets:
    """The group's offsets.

    `AIOKafkaConsumer.commit` would retry under a newer membership than the one that the chunk belongs to, and
    `AIOKafkaConsumer.committed` drops the metadata; hence this.
    """

    def __init__(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, group: str) -> None:
        """Both clients must be started by whoever uses this."""
        self._consumer = consumer
        self._admin = admin
        self._group = group

    @property
    def _coordinator(self) -> Any:  # noqa: ANN401 - aiokafka ships no types
        return self._consumer._coordinator  # noqa: SLF001 - the fence is not public

    def membership(self) -> Membership:
        """The membership as it is now; to be taken when partitions are assigned."""
        coordinator = self._coordinator
        return Membership(coordinator.generation, coordinator.member_id)

    async def read(self, partition: TopicPartition) -> Committed | None:
        """What is committed, or None.

        Raises:
            aiokafka.errors.KafkaError: the broker did not answer.
        """
        found = await fetch_group_offsets(self._admin, self._group, [partition])
        offset, metadata = found[partition]
        return Committed(offset, metadata or "") if offset >= 0 else None

    async def commit(
        self, membership: Membership, partition: TopicPartition, offset: int, metadata: str = ""
    ) -> None:
        """Commit as this member of this generation; retries while the coordinator is away.

        Raises:
            PartitionLostError: the membership is no longer valid; nothing was written.
            aiokafka.errors.KafkaError: the broker refused for another reason that lasts.
        """
        topics = [(partition.topic, [(partition.partition, offset, metadata)])]
        while True:
            request = OffsetCommitRequest(
                self._group, membership.generation, membership.member_id, -1, topics
            )
            try:
                await self._coordinator.ensure_coordinator_known()
                return await self._send(request)
            except _LOST as error:
                raise PartitionLostError(f"{partition}: {type(error).__name__}") from error
            except KafkaError as error:
                if not error.retriable:
                    raise
            await asyncio.sleep(_RETRY_SECONDS)

    async def _send(self, request: OffsetCommitRequest) -> None:
        coordinator = self._coordinator
        response = await coordinator._send_req(request)  # noqa: SLF001 - as above
        code = response.topics[0][1][0][1]
        if code == 0:
            return
        error = for_code(code)
        if error not in _LOST:
            coordinator.coordinator_dead()
        raise error
