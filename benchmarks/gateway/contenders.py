"""The servers that take part, started with their requests: by name, in the order in which they are named."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import ConsumerRecord

from benchmarks.gateway import collector
from benchmarks.gateway.arena import (
    COLLECTOR_TOPIC,
    Arena,
    collector_request,
    gateway_request,
    write_requests,
)
from benchmarks.gateway.measuring import Contender
from benchmarks.gateway.servers import Server, gateway, server
from benchmarks.gateway.stored import StoredEvents, collector_events, gateway_events
from benchmarks.load import Agent
from infra.supervisor.ports import unused
from runtime import kafka
from schemas.topics import Topic

COLLECTOR = "collector"
WORKERS = {"gateway-1": 1, "gateway-2": 2}
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Field:
    """What contenders are made of: agents, sizes of requests, the collector, and other checkouts by name."""

    place: Arena
    agents: Sequence[Agent]
    events: Sequence[int]
    binary: Path | None
    checkouts: Mapping[str, Path] = field(default_factory=dict)

    @asynccontextmanager
    async def contender(self, name: str) -> AsyncIterator[Contender]:
        """Start a server and the count of what it stores."""
        is_collector = name == COLLECTOR
        consumer = kafka.consumer(self.place.kafka, client_id="bench-gateway", auto_offset_reset="earliest")
        await consumer.start()
        topic, count = _topic_and_count(is_collector=is_collector)
        stored = StoredEvents(consumer, topic, self.place.partitions, count)
        requests = self._requests(name, collector_request if is_collector else gateway_request)
        try:
            with self._collector() if is_collector else self._gateway(name) as running:
                yield Contender(running, requests, stored)
        finally:
            await consumer.stop()

    def _requests(self, name: str, request: Callable[[Agent, int], bytes]) -> dict[int, Path]:
        folder = self.place.folder / "requests" / name
        return {
            events: write_requests(folder / str(events), (request(agent, events) for agent in self.agents))
            for events in self.events
        }

    def _gateway(self, name: str) -> AbstractContextManager[Server]:
        source = self.checkouts.get(name, ROOT)
        return gateway(name, WORKERS.get(name, 1), unused(), dict(self.place.environment), source)

    def _collector(self) -> AbstractContextManager[Server]:
        if self.binary is None:
            raise ValueError("the collector takes part and was not built")
        port = unused()
        program = collector.program(self.binary, port, self.place.kafka, COLLECTOR_TOPIC)
        return server(COLLECTOR, port, program, self.place.folder / "collector.log")


def _topic_and_count(*, is_collector: bool) -> tuple[str, Callable[[ConsumerRecord], int]]:
    return (COLLECTOR_TOPIC, collector_events) if is_collector else (Topic.TELEMETRY, gateway_events)
