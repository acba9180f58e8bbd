"""What consumer groups have committed, never taken for nothing while the broker does not know it."""

from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupLoadInProgressError
from aiokafka.structs import OffsetAndMetadata


async def fetch_group_offsets(
    admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, OffsetAndMetadata]:
    """The committed offset of each of these partitions and its metadata; -1 where there is none.

    `AIOKafkaAdminClient.list_consumer_group_offsets` passes over an error of the whole group, and shows it as
    an answer without partitions.

    Raises:
        GroupLoadInProgressError: the broker does not know now, as after its start; ask again.
        aiokafka.errors.KafkaError: the broker did not answer.
    """
    found = await admin.list_consumer_group_offsets(group, partitions=list(partitions))
    if missing := [partition for partition in partitions if partition not in found]:
        raise GroupLoadInProgressError(f"{missing[0]}: the offsets of {group} are not known now")
    return {partition: found[partition] for partition in partitions}
