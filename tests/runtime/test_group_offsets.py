"""A broker that does not know a group's offsets now is not taken for one that has none."""

from typing import cast

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupLoadInProgressError
from aiokafka.structs import OffsetAndMetadata

from runtime.group_offsets import fetch_group_offsets
from schemas.topics import Topic

_FIRST, _SECOND = (TopicPartition(Topic.TELEMETRY.value, partition) for partition in (0, 1))


class _Admin:
    """Answers what it was made with."""

    def __init__(self, *known: TopicPartition) -> None:
        self._known = known

    async def list_consumer_group_offsets(
        self, _: str, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        return {one: OffsetAndMetadata(7, "") for one in self._known if one in partitions}


@pytest.mark.parametrize("known", [(), (_FIRST,)])
async def test_a_partition_without_an_answer_is_not_known_now(known: tuple[TopicPartition, ...]) -> None:
    with pytest.raises(GroupLoadInProgressError, match=r"partition=[01].*not known now") as raised:
        await fetch_group_offsets(cast("AIOKafkaAdminClient", _Admin(*known)), "group", [_FIRST, _SECOND])
    assert raised.value.retriable


async def test_only_what_was_asked_for_is_answered() -> None:
    admin = cast("AIOKafkaAdminClient", _Admin(_FIRST, _SECOND))
    assert await fetch_group_offsets(admin, "group", [_SECOND]) == {_SECOND: OffsetAndMetadata(7, "")}
