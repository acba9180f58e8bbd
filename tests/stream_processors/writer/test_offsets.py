"""Commits carry the membership that they were begun under, and end when it does."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from stream_processors.writer.offsets import Committed, Membership, Offsets, PartitionLostError

_PARTITION = TopicPartition("telemetry", 2)
_MEMBER = Membership(7, "me")
_NOT_COORDINATOR, _ILLEGAL_GENERATION, _UNKNOWN_MEMBER, _REBALANCING, _NOT_ALLOWED = 16, 22, 25, 27, 30


class FakeCoordinator:
    """Answers each commit with the next error code."""

    generation = 7
    member_id = "me"

    def __init__(self, codes: Sequence[int]) -> None:
        self._codes = list(codes)
        self.requests: list[Any] = []
        self.deaths = 0

    async def ensure_coordinator_known(self) -> None: ...

    def coordinator_dead(self) -> None:
        self.deaths += 1

    async def _send_req(self, request: Any) -> Any:  # noqa: ANN401 - aiokafka ships no types
        self.requests.append(request.prepare({8: (2, 3)}))
        return SimpleNamespace(topics=[("telemetry", [(2, self._codes.pop(0))])])


def _offsets(*codes: int) -> tuple[Offsets, FakeCoordinator]:
    coordinator = FakeCoordinator(codes)
    return Offsets(SimpleNamespace(_coordinator=coordinator), None, "group"), coordinator


async def test_a_commit_names_group_member_offset_and_metadata() -> None:
    offsets, coordinator = _offsets(0)
    coordinator.generation = 8  # it has rejoined since: that must not show

    await offsets.commit(_MEMBER, _PARTITION, 41, "intent")

    [sent] = coordinator.requests
    assert (sent.consumer_group, sent.consumer_group_generation_id, sent.consumer_id) == ("group", 7, "me")
    assert sent.topics == [("telemetry", [(2, 41, "intent")])]


async def test_a_commit_follows_the_coordinator() -> None:
    offsets, coordinator = _offsets(_NOT_COORDINATOR, 0)

    await offsets.commit(_MEMBER, _PARTITION, 41)

    assert len(coordinator.requests) == 2
    assert coordinator.deaths == 1


@pytest.mark.parametrize("code", [_ILLEGAL_GENERATION, _UNKNOWN_MEMBER, _REBALANCING])
async def test_a_former_member_cannot_commit(code: int) -> None:
    offsets, coordinator = _offsets(code)

    with pytest.raises(PartitionLostError):
        await offsets.commit(_MEMBER, _PARTITION, 41)
    assert len(coordinator.requests) == 1


async def test_what_lasts_is_an_error() -> None:
    offsets, _ = _offsets(_NOT_ALLOWED)

    with pytest.raises(GroupAuthorizationFailedError):
        await offsets.commit(_MEMBER, _PARTITION, 41)


def test_the_membership_is_the_coordinators() -> None:
    assert _offsets()[0].membership() == _MEMBER


class FakeAdmin:
    """Knows one committed offset."""

    def __init__(self, offset: int, metadata: str | None) -> None:
        self._committed = (offset, metadata)

    async def list_consumer_group_offsets(
        self, group: str, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, str | None]]:
        assert (group, partitions) == ("group", [_PARTITION])
        return {_PARTITION: self._committed}


@pytest.mark.parametrize(
    ("offset", "metadata", "found"),
    [(41, "intent", Committed(41, "intent")), (41, None, Committed(41, "")), (-1, "", None)],
)
async def test_the_metadata_is_read_too(offset: int, metadata: str | None, found: Committed | None) -> None:
    offsets = Offsets(SimpleNamespace(_coordinator=None), FakeAdmin(offset, metadata), "group")

    assert await offsets.read(_PARTITION) == found


async def test_an_error_of_the_whole_group_may_pass() -> None:
    class Admin:
        async def list_consumer_group_offsets(self, *_: object, **__: object) -> dict[object, object]:
            return {}

    with pytest.raises(KafkaError) as error:
        await Offsets(None, Admin(), "group").read(_PARTITION)
    assert error.value.retriable
