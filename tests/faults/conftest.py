"""What tests of faults share beside the stack: a broker that may be killed."""

import asyncio
from collections.abc import Iterator

import pytest

from infra.kafka.topics import ensure_topics
from schemas.topics import DEFAULT_PARTITIONS
from tests.embedded_broker import EmbeddedBroker


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker of the module's own, with all topics."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("victim"))
    broker.start()
    asyncio.run(ensure_topics(broker.address, DEFAULT_PARTITIONS))
    yield broker
    broker.stop()
