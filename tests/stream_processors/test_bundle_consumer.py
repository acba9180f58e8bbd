"""What is committed of bundles, by Faust's own consumer as the application makes it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from faust.types import TP

from runtime.settings import KafkaAddress
from schemas.topics import Topic
from stream_processors.bundle_consumer import BundleConsumer
from tests.stream_processors.test_app import make
from tests.stream_processors.test_bundles import bundles, record

TARGET = TP(Topic.TELEMETRY, 0)


@pytest.fixture
async def consumer(tmp_path: Path) -> BundleConsumer:
    """One that takes acknowledgements, and was never started."""
    app = make(tmp_path, KafkaAddress("host:1"))
    cast("Any", app.topics)._acking_topics.add(Topic.TELEMETRY)
    assert isinstance(app.consumer, BundleConsumer)
    return app.consumer


async def take(consumer: BundleConsumer, *offsets: Iterable[int]) -> list[Any]:
    """Bundles of these offsets as messages, as Faust's fetcher makes and reads them."""
    messages = []
    read = consumer._read_offset
    for some in offsets:
        [(_, bundle)] = bundles([record(offset) for offset in some])
        if (before := read[TARGET]) is not None:
            await consumer._add_gap(TARGET, before + 1, bundle.offset)
        read[TARGET] = bundle.offset
        messages.append(consumer._to_message(TARGET, bundle))
    return messages


async def test_a_commit_stands_behind_all_bundles_that_are_acknowledged(consumer: BundleConsumer) -> None:
    for message in await take(consumer, range(3), range(3, 6), [6], range(7, 400)):
        assert consumer.ack(message)
    assert consumer._filter_committable_offsets([TARGET]) == {TARGET: 400}


async def test_nothing_is_kept_of_what_was_committed(consumer: BundleConsumer) -> None:
    first, second, third = await take(consumer, range(3), range(3, 6), range(6, 9))
    consumer.ack(first)
    consumer.ack(second)
    assert consumer._filter_committable_offsets([TARGET]) == {TARGET: 6}
    assert not consumer._acked[TARGET]
    assert not consumer._acked_index[TARGET]
    assert not consumer._gap[TARGET]
    assert consumer._filter_committable_offsets([TARGET]) == {}
    consumer._committed_offset[TARGET] = 6
    consumer.ack(third)
    assert consumer._filter_committable_offsets([TARGET]) == {TARGET: 9}


async def test_what_is_committed_already_is_not_committed_again(consumer: BundleConsumer) -> None:
    (message,) = await take(consumer, range(3))
    consumer._committed_offset[TARGET] = 3
    consumer.ack(message)
    assert consumer._filter_committable_offsets([TARGET]) == {}
