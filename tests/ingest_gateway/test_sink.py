"""The fake that the other tests use keeps the promises of a sink."""

import pytest

from ingest_gateway.sink import Sink
from tests.ingest_gateway.fakes import PARTITIONS, MemorySink
from tests.ingest_gateway.sink_suite import SinkSuite, Stored, StoredRecord


class TestMemorySink(SinkSuite):
    """The suite on the sink in memory."""

    @pytest.fixture
    async def sink(self) -> Sink:
        sink = MemorySink()
        assert await sink.start() == PARTITIONS
        return sink

    @pytest.fixture
    def partitions(self) -> int:
        return PARTITIONS

    @pytest.fixture
    def stored(self, sink: MemorySink) -> Stored:
        async def read(partition: int) -> list[StoredRecord]:
            return [
                StoredRecord(value, headers, appended_at)
                for (at, value, headers), appended_at in zip(sink.records, sink.times, strict=True)
                if at == partition
            ]

        return read
