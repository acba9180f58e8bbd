"""Topics in memory, read and written as the replay does it, and letters as the readers write them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition

from infra.dead_letters.letter import Letter, Place, read_letter
from infra.dead_letters.log_reader import LogReader, Stretch
from schemas.block import Kind, Segment, encode_headers
from schemas.dead_letters import HEADER_SEGMENTS, Origin, Stage, dead_letter_headers
from schemas.topics import Topic

NOW = 1_800_000_000_000


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """As aiokafka gives it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class FakeLog:
    """Keeps records by topic and partition; `now` is the time at which the next one is appended."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now
        self.records: dict[TopicPartition, list[StoredRecord]] = defaultdict(list)
        self.fails_at: str | None = None

    @property
    def reader(self) -> LogReader:
        return cast("LogReader", self)

    @property
    def producer(self) -> AIOKafkaProducer:
        return self

    # LogReader

    async def stretches(self, topics: Iterable[str], since_ms: int = 0) -> dict[TopicPartition, Stretch]:
        places = [place for place in self.records if place.topic in set(topics)]
        return {place: await self.stretch(place, since_ms) for place in places}

    async def stretch(self, place: TopicPartition, since_ms: int = 0) -> Stretch:
        records = self.records[place]
        start = next((r.offset for r in records if r.timestamp >= since_ms), len(records))
        return start, len(records)

    async def read(self, stretches: Mapping[TopicPartition, Stretch]) -> AsyncIterator[StoredRecord]:
        for place, (start, end) in stretches.items():
            for record in self.records[place][start:end]:
                yield record

    # Producer

    async def send_and_wait(
        self,
        topic: str,
        value: bytes | None,
        *,
        partition: int,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        if topic == self.fails_at:
            raise ConnectionError(f"killed before {topic}")
        place = TopicPartition(str(topic), partition)
        record = StoredRecord(
            place.topic, partition, len(self.records[place]), self.now, key, value, tuple(headers)
        )
        self.records[place].append(record)

    def of(self, topic: Topic) -> list[StoredRecord]:
        """All records of a topic, partition by partition."""
        return [r for place, records in self.records.items() if place.topic == topic for r in records]


def segment(agent: str, batch: int, rows: bytes, *, keyed: bool = True) -> Segment:
    """A request's share of a block; `batch` stands for a batch id."""
    return Segment("default", agent, batch.to_bytes(16), keyed, rows.count(b"\n"), len(rows), NOW)


def block_headers(*segments: Segment, kind: Kind = Kind.LOG) -> list[tuple[str, bytes]]:
    return encode_headers(kind, segments)


def letter(
    stage: str,
    value: bytes,
    headers: Sequence[tuple[str, bytes]] = (),
    *,
    origin: Origin | None = None,
    extra: Sequence[tuple[str, bytes]] = (),
    offset: int = 0,
) -> Letter:
    """A letter, by default of the telemetry record at partition 2 and offset 7."""
    came_from = origin or Origin(Topic.TELEMETRY, 2, 7)
    said = [*dead_letter_headers(headers, came_from, Stage(stage), "why"), *extra]
    return read_letter(Place(Topic.TELEMETRY_DEAD_LETTERS, 0, offset), NOW, b"key", value, said)


def failed(*places: int) -> tuple[str, bytes]:
    """The header that names the requests on which a rule failed."""
    return HEADER_SEGMENTS, msgspec.json.encode(places)
