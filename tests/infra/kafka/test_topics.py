"""Topics are created as the registry says, once, and a cluster of another shape is refused."""

import pytest

from infra.kafka.topics import TopicError, check_partitions, ensure_topics, partition_counts
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import TOPICS, Topic


def test_a_cluster_of_another_partition_count_is_refused() -> None:
    with pytest.raises(TopicError, match=r"telemetry.* has 8 partitions .* made for 4"):
        check_partitions({Topic.TELEMETRY: 8}, 4)


def test_control_topics_have_one_partition_whatever_the_stack_has() -> None:
    check_partitions({Topic.AGENTS: 1, Topic.TELEMETRY: 16}, 16)
    with pytest.raises(TopicError, match="agents"):
        check_partitions({Topic.AGENTS: 16}, 16)


def test_missing_topics_are_no_mismatch() -> None:
    check_partitions({}, 4)


@pytest.mark.integration
async def test_all_topics_are_created_once(kafka_address: KafkaAddress) -> None:
    created = await ensure_topics(kafka_address, 4)
    assert await ensure_topics(kafka_address, 4) == []
    assert set(created) <= set(TOPICS)
    admin = kafka.admin(kafka_address, client_id="test")
    await admin.start()
    try:
        counts = await partition_counts(admin, TOPICS)
    finally:
        await admin.close()
    assert counts == {spec.topic: spec.partitions or 4 for spec in TOPICS.values()}


@pytest.mark.integration
async def test_the_partition_count_of_a_cluster_is_fixed(kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, 4)
    with pytest.raises(TopicError, match="has 4 partitions"):
        await ensure_topics(kafka_address, 6)
