"""The request for a topic's id, as bytes of the protocol; the integration tests ask a real broker."""

import uuid
from io import BytesIO
from typing import Any

import pytest
from aiokafka.errors import UnknownTopicOrPartitionError

from stream_processors.state.bounds import StateMismatchError
from stream_processors.state.topic_id import check_topic_id, fetch_topic_id

_ID = uuid.UUID("7bfd885c-2675-4547-b313-3e6822dc47e4")


class FakeConsumer:
    """Answers a metadata request with one topic."""

    def __init__(self, error_code: int = 0) -> None:
        self._client = self
        self._error_code = error_code
        self.asked: bytes = b""

    def get_random_node(self) -> int:
        return 1

    async def send(self, node: int, request: Any) -> Any:  # noqa: ANN401 - aiokafka ships no types
        struct = request.prepare({3: (0, 13)})
        self.asked = struct.encode()
        topic: tuple[Any, ...] = (self._error_code, "t", _ID.bytes, False, [], 0, {})
        assert (node, struct.API_VERSION) == (1, 12)
        answer = struct.RESPONSE_TYPE(0, [], "cluster", 1, [topic], {})
        return struct.RESPONSE_TYPE.decode(BytesIO(answer.encode()))


async def test_the_id_is_read() -> None:
    consumer = FakeConsumer()

    assert await fetch_topic_id(consumer, "t") == _ID
    # One topic, by name: no id, `t` as a compact string; nothing is created unasked.
    assert consumer.asked == b"\x02" + bytes(16) + b"\x02t\x00" + b"\x00\x00" + b"\x00"


async def test_an_unknown_topic_is_an_error() -> None:
    with pytest.raises(UnknownTopicOrPartitionError):
        await fetch_topic_id(FakeConsumer(error_code=3), "t")


def test_state_of_a_recreated_topic_is_refused() -> None:
    check_topic_id("t", _ID, _ID)
    with pytest.raises(StateMismatchError, match="recreated"):
        check_topic_id("t", _ID, uuid.UUID(int=1))
