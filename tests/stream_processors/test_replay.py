"""A replay reads a topic up to a fence, and comes to the same as absorbing its records directly."""

import pytest

from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from stream_processors.absorbing import Absorber
from stream_processors.replay import replay
from tests.integration.telemetry_feed import PARTITIONS, Block, Fleet, send

pytestmark = pytest.mark.integration


async def test_a_replay_up_to_a_fence(kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, PARTITIONS)
    blocks = Fleet("replay", agents=8, seed=12).blocks(60)
    broken = Block(0, [], b"nothing")
    offsets = await send(kafka_address, [*blocks, broken])
    partition, fence = offsets[-1]
    first = await replay(kafka_address, partition, fence)
    second = await replay(kafka_address, partition, fence)
    assert first == second
    assert first.dead_letters[-1] == fence
    assert first.events
    assert {packed.fence for packed in first.agents.values()} <= set(range(fence))
    shorter = await replay(kafka_address, partition, fence - 1)
    assert fence not in shorter.dead_letters
    assert shorter.agents == first.agents


def test_before_the_first_record_there_is_nothing() -> None:
    assert Absorber(0).pack_all() == []
