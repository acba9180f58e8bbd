"""The id that the broker gives a topic when it is created; a recreated topic of the same name has another.

aiokafka 0.14 asks for metadata only up to version 5, which knows no ids, so version 12 is declared here in
its terms.
"""

import uuid
from io import BytesIO

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from stream_processors.state.bounds import StateMismatchError

_METADATA_KEY = 3
_VERSION = 12
_NO_ID = uuid.UUID(int=0)


async def fetch_topic_id(consumer: AIOKafkaConsumer, topic: str) -> uuid.UUID:
    """Ask the broker for a topic's id; `consumer` must be started.

    Raises:
        aiokafka.errors.KafkaError: the topic is unknown, or the broker did not answer.
    """
    client = consumer._client  # noqa: SLF001 - the consumer offers no way to send a request of another version
    response = await client.send(client.get_random_node(), _TopicIdRequest(topic))
    error_code, _, topic_id = response.topics[0][:3]
    if error_code:
        raise for_code(error_code)(topic)
    return uuid.UUID(bytes=topic_id)


def check_topic_id(topic: str, stored: uuid.UUID, found: uuid.UUID) -> None:
    """Refuse state of another topic that had the same name.

    Raises:
        StateMismatchError: the ids differ.
    """
    if stored != found:
        raise StateMismatchError(
            f"the state belongs to a topic {topic} with the id {stored}, but the broker's has the id {found}:"
            f" the topic was recreated. Restore the topic, or delete the state topic and the group's offsets"
            f" together."
        )


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]  # aiokafka ships no types
    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _TopicIdResponse(Response):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = _METADATA_KEY
    API_VERSION = _VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _TopicIdRequestStruct(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = _METADATA_KEY
    API_VERSION = _VERSION
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _TopicIdResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("topic", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicIdRequest(Request[_TopicIdRequestStruct]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = _METADATA_KEY

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[_TopicIdRequestStruct]) -> _TopicIdRequestStruct:
        return request_struct_class([(_NO_ID.bytes, self._topic, {})], False, False, {})
