"""Entries of a record go to those who want them, each once, and to nobody else."""

import uuid

import pytest

from query_api import errors
from query_api.queries.logs import LogSearch
from query_api.tail_feed import STOPPING, Subscription, TailFeed
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.block import HEADER_READER, Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from tests.query_api.tail_records import record_of, segment_of

SCOUT = AgentRef("acme", "scout")
OTHER = AgentRef("acme", "other")
STRANGER = AgentRef("default", "scout")
HELLO = [LogRow(LogLevel.INFO, "hello"), LogRow(LogLevel.ERROR, "failed")]


class Feed(TailFeed):
    """Connected to nothing: records are given to it."""

    async def _ready_at_once(self) -> None:
        """As if a consumer had begun."""

    def _started(self) -> "object":  # type: ignore[override] # an awaitable all the same
        return self._ready_at_once()


@pytest.fixture
def feed() -> Feed:
    return Feed(KafkaAddress("127.0.0.1:1"), 3)


def texts(subscription: Subscription) -> list[str]:
    return [entry.decode().partition('"message":"')[2][:6] for entry in subscription.buffer.take().entries]


async def test_each_reader_gets_the_entries_of_their_agent_or_tenant(feed: Feed) -> None:
    own = await feed.subscribe(SCOUT, LogSearch())
    errors_only = await feed.subscribe(AgentRef("acme", ""), LogSearch(levels=[LogLevel.ERROR]))
    feed.take(record_of(segment_of(SCOUT, HELLO), segment_of(OTHER, HELLO), segment_of(STRANGER, HELLO)))
    assert texts(own) == ['hello"', "failed"]
    assert texts(errors_only) == ["failed", "failed"]


async def test_who_has_left_gets_nothing(feed: Feed) -> None:
    reader = await feed.subscribe(SCOUT, LogSearch())
    feed.leave(reader)
    feed.leave(reader)
    feed.take(record_of(segment_of(SCOUT, HELLO)))
    assert texts(reader) == []
    assert feed.tails == 0


async def test_no_other_kind_and_nothing_that_is_for_another_reader(feed: Feed) -> None:
    reader = await feed.subscribe(SCOUT, LogSearch())
    feed.take(record_of(segment_of(SCOUT, HELLO), kind=Kind.EVENT))
    replayed = record_of(segment_of(SCOUT, HELLO))
    replayed.headers.append((HEADER_READER, b"writer"))
    feed.take(replayed)
    assert texts(reader) == []


async def test_a_batch_that_was_sent_again_is_shown_once(feed: Feed) -> None:
    reader = await feed.subscribe(SCOUT, LogSearch())
    batch = uuid.uuid4().bytes
    for _ in range(2):
        feed.take(record_of(segment_of(SCOUT, HELLO, batch_id=batch, keyed=True)))
    assert len(texts(reader)) == 2
    # Another agent's batch of that id is another batch.
    everybody = await feed.subscribe(AgentRef("acme", ""), LogSearch())
    feed.take(record_of(segment_of(OTHER, HELLO, batch_id=batch, keyed=True)))
    assert len(texts(everybody)) == 2


async def test_what_cannot_be_understood_harms_nobody(feed: Feed) -> None:
    reader = await feed.subscribe(SCOUT, LogSearch())
    broken = record_of(segment_of(SCOUT, HELLO))
    broken.value = b"{}\n"
    feed.take(broken)
    segment, lines = segment_of(SCOUT, HELLO)
    feed.take(record_of((segment, b"x" * (len(lines) - 1) + b"\n")))
    feed.take(record_of(segment_of(SCOUT, HELLO)))
    assert len(texts(reader)) == 2


async def test_there_is_room_for_so_many(feed: Feed) -> None:
    readers = [await feed.subscribe(ref, LogSearch()) for ref in (SCOUT, OTHER, STRANGER)]
    with pytest.raises(ProblemError) as refused:
        await feed.subscribe(SCOUT, LogSearch())
    assert refused.value.kind is errors.TOO_MANY_TAILS
    feed.leave(readers[0])
    feed.check_room()


async def test_all_are_told_that_it_ends(feed: Feed) -> None:
    reader = await feed.subscribe(SCOUT, LogSearch())
    await feed.stop()
    assert reader.buffer.take().ended == STOPPING


async def test_a_broker_that_is_away_is_said() -> None:
    feed = TailFeed(KafkaAddress("127.0.0.1:1"), 3)
    with pytest.raises(ProblemError) as refused:
        await feed.subscribe(SCOUT, LogSearch())
    assert refused.value.kind is errors.KAFKA_AWAY
    assert feed.tails == 0
